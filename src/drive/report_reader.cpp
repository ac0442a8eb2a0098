#include "drive/report_reader.hpp"

#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace tango::drive {
namespace {

namespace json = boost::json;
using base::Error;
using base::ErrorKind;
using base::Result;
using std::chrono::microseconds;

// More than any job, and little enough to be counted in microseconds.
constexpr double kSecondsMax = 1e9;
// exit(3) hands on eight bits; Linux has 64 signals.
constexpr std::uint64_t kExitStatusMax = 255;
constexpr std::uint64_t kSignalMax = 64;
constexpr std::uint64_t kCountMax = std::numeric_limits<std::int64_t>::max();

struct LimitKey {
  std::string_view key;
  model::Limit limit;
};
constexpr std::array kLimits = {
    LimitKey{"wall_time", model::Limit::kWallTime}, LimitKey{"cpu_time", model::Limit::kCpuTime},
    LimitKey{"memory", model::Limit::kMemory},      LimitKey{"processes", model::Limit::kProcesses},
    LimitKey{"disk", model::Limit::kDisk},          LimitKey{"output", model::Limit::kOutput},
};

// Takes fields out of the object, and remembers the first that is wrong.
class Fields {
 public:
  explicit Fields(const json::object& object) : object_(object) {}

  std::optional<std::uint64_t> count(std::string_view key, std::uint64_t max = kCountMax);
  std::uint64_t neededCount(std::string_view key) { return needed(key, count(key)); }
  std::optional<microseconds> time(std::string_view key);
  microseconds neededTime(std::string_view key) { return needed(key, time(key)); }
  bool flag(std::string_view key);
  std::optional<model::Limit> limit(std::string_view key);

  [[nodiscard]] const std::string& wrong() const { return wrong_; }

 private:
  // Null if it is null or missing, which is an error of its own: every field is always sent.
  const json::value* present(std::string_view key);
  void refuse(std::string_view key) {
    if (wrong_.empty()) {
      wrong_ = key;
    }
  }
  template <class Value>
  Value needed(std::string_view key, const std::optional<Value>& value) {
    if (!value) {
      refuse(key);
    }
    return value.value_or(Value{});
  }

  const json::object& object_;
  std::string wrong_;
};

const json::value* Fields::present(std::string_view key) {
  const json::value* const value = object_.if_contains(key);
  if (value == nullptr) {
    refuse(key);
  }
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::optional<std::uint64_t> Fields::count(std::string_view key, std::uint64_t max) {
  const json::value* const value = present(key);
  if (value == nullptr) {
    return std::nullopt;
  }
  json::error_code failure;
  const auto number = value->to_number<std::uint64_t>(failure);
  if (failure || value->is_double() || number > max) {
    refuse(key);
    return std::nullopt;
  }
  return number;
}

std::optional<microseconds> Fields::time(std::string_view key) {
  const json::value* const value = present(key);
  if (value == nullptr) {
    return std::nullopt;
  }
  json::error_code failure;
  const auto seconds = value->to_number<double>(failure);
  if (failure || !(seconds >= 0 && seconds <= kSecondsMax)) {
    refuse(key);
    return std::nullopt;
  }
  return microseconds(std::llround(seconds * 1e6));
}

bool Fields::flag(std::string_view key) {
  const json::value* const value = present(key);
  if (value == nullptr || !value->is_bool()) {
    refuse(key);
    return false;
  }
  return value->get_bool();
}

std::optional<model::Limit> Fields::limit(std::string_view key) {
  const json::value* const value = present(key);
  if (value == nullptr) {
    return std::nullopt;
  }
  for (const LimitKey& known : kLimits) {
    if (value->is_string() && std::string_view(value->get_string()) == known.key) {
      return known.limit;
    }
  }
  refuse(key);
  return std::nullopt;
}

std::optional<int> asInt(const std::optional<std::uint64_t>& number) {
  return number ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

}  // namespace

Result<model::RunOutcome> parseReport(std::string_view json) {
  json::error_code failure;
  const json::value parsed = json::parse(json, failure);
  if (failure || !parsed.is_object()) {
    return Error(ErrorKind::kSystem, "autodriver's report is no JSON object");
  }
  Fields fields(parsed.get_object());
  model::RunOutcome outcome;
  outcome.exit_status = asInt(fields.count("exit_status", kExitStatusMax));
  outcome.signal = asInt(fields.count("signal", kSignalMax));
  outcome.ended_by = fields.limit("limit");
  outcome.output_elided = fields.flag("output_elided");
  outcome.oom_kills = fields.neededCount("oom_kills");
  outcome.usage.wall_time = fields.neededTime("wall_seconds");
  outcome.usage.user_time = fields.time("user_seconds");
  outcome.usage.system_time = fields.time("system_seconds");
  outcome.usage.memory_peak_bytes = fields.count("memory_peak_bytes");
  outcome.usage.processes_peak = fields.count("processes_peak");
  outcome.usage.disk_bytes = fields.count("disk_bytes");
  outcome.usage.disk_inodes = fields.count("disk_inodes");
  outcome.usage.output_bytes = fields.neededCount("output_bytes");
  if (!fields.wrong().empty()) {
    return Error(ErrorKind::kSystem, "autodriver's report: " + fields.wrong() + " is wrong");
  }
  // The report names it where nothing else is to be named; it ends no job.
  if (outcome.ended_by == model::Limit::kOutput) {
    outcome.ended_by.reset();
  }
  return outcome;
}

}  // namespace tango::drive
