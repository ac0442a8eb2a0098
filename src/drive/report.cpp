#include "drive/report.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string_view>

namespace tango::drive {
namespace {

using std::chrono::microseconds;

template <class Number>
std::string number(const std::optional<Number>& value) {
  return value ? std::to_string(*value) : "null";
}

std::string seconds(const std::optional<microseconds>& time) {
  if (!time) {
    return "null";
  }
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%lld.%06lld",
                static_cast<long long>(time->count() / 1'000'000),
                static_cast<long long>(time->count() % 1'000'000));
  return text.data();
}

const char* truth(bool value) {
  return value ? "true" : "false";
}

std::string limitName(const model::RunOutcome& outcome) {
  if (!outcome.ended_by && !outcome.output_elided) {
    return "null";
  }
  std::string name(model::nameOf(outcome.ended_by.value_or(model::Limit::kOutput)));
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c == ' ' ? '_' : static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  });
  return "\"" + name + "\"";
}

}  // namespace

std::string reportJson(const model::RunOutcome& outcome, bool cleaned) {
  const model::Usage& usage = outcome.usage;
  return "{\"exit_status\":" + number(outcome.exit_status) +
         ",\"signal\":" + number(outcome.signal) + ",\"limit\":" + limitName(outcome) +
         ",\"wall_seconds\":" + seconds(usage.wall_time) +
         ",\"user_seconds\":" + seconds(usage.user_time) +
         ",\"system_seconds\":" + seconds(usage.system_time) +
         ",\"memory_peak_bytes\":" + number(usage.memory_peak_bytes) +
         ",\"processes_peak\":" + number(usage.processes_peak) +
         ",\"output_bytes\":" + std::to_string(usage.output_bytes) +
         ",\"disk_bytes\":" + number(usage.disk_bytes) +
         ",\"disk_inodes\":" + number(usage.disk_inodes) +
         ",\"output_elided\":" + truth(outcome.output_elided) +
         ",\"oom_kills\":" + std::to_string(outcome.oom_kills) + ",\"cleaned\":" + truth(cleaned) +
         "}\n";
}

}  // namespace tango::drive
