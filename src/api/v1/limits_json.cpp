#include "api/v1/limits_json.hpp"

#include <algorithm>
#include <cmath>

namespace tango::api::v1 {
namespace {

constexpr double kSecondsMax = 1e9;
constexpr double kCpusMax = 1e6;

/// Thousandths of a second or a core; what is more than nothing stays more than nothing.
std::int64_t thousandths(double number) {
  return number > 0 ? std::max<std::int64_t>(1, std::llround(number * 1000)) : 0;
}

void takeWhole(JsonFields& fields, std::string_view name, std::uint64_t& into) {
  into = fields.whole(name, 1).value_or(into);
}

}  // namespace

void readLimits(JsonFields& fields, std::optional<Problem>& problem, model::RunLimits& limits) {
  const boost::json::value* found = fields.value("limits");
  if (found == nullptr) {
    return;
  }
  JsonFields wanted(*found, fields.nameOf("limits"), problem);
  if (const auto seconds = wanted.number("timeout_seconds", false, kSecondsMax)) {
    limits.wall_time = std::chrono::milliseconds(thousandths(*seconds));
  }
  if (const auto seconds = wanted.number("cpu_seconds", true, kSecondsMax)) {
    limits.cpu_time = std::chrono::milliseconds(thousandths(*seconds));
  }
  takeWhole(wanted, "processes", limits.processes);
  takeWhole(wanted, "file_size_bytes", limits.file_size_bytes);
  takeWhole(wanted, "output_bytes", limits.output_bytes);
  takeWhole(wanted, "open_files", limits.open_files);
  wanted.finish();
}

void readMachine(JsonFields& fields, std::optional<Problem>& problem, model::MachineSpec& machine) {
  const boost::json::value* found = fields.value("machine");
  if (found == nullptr) {
    return;
  }
  JsonFields wanted(*found, fields.nameOf("machine"), problem);
  if (const auto cpus = wanted.number("cpus", true, kCpusMax)) {
    machine.cpu_millis = static_cast<std::uint64_t>(thousandths(*cpus));
  }
  takeWhole(wanted, "memory_bytes", machine.memory_bytes);
  takeWhole(wanted, "disk_bytes", machine.disk_bytes);
  takeWhole(wanted, "inodes", machine.disk_inodes);
  machine.network = wanted.boolean("network").value_or(machine.network);
  wanted.finish();
}

boost::json::object limitsJson(const model::RunLimits& limits) {
  return {{"timeout_seconds", quotientJson(limits.wall_time.count(), 1000)},
          {"cpu_seconds", quotientJson(limits.cpu_time.count(), 1000)},
          {"processes", limits.processes},
          {"file_size_bytes", limits.file_size_bytes},
          {"output_bytes", limits.output_bytes},
          {"open_files", limits.open_files}};
}

boost::json::object machineJson(const model::MachineSpec& machine) {
  return {{"cpus", quotientJson(static_cast<std::int64_t>(machine.cpu_millis), 1000)},
          {"memory_bytes", machine.memory_bytes},
          {"disk_bytes", machine.disk_bytes},
          {"inodes", machine.disk_inodes},
          {"network", machine.network}};
}

boost::json::value quotientJson(std::int64_t dividend, std::int64_t divisor) {
  if (dividend % divisor == 0) {
    return dividend / divisor;
  }
  return static_cast<double>(dividend) / static_cast<double>(divisor);
}

}  // namespace tango::api::v1
