#include "student/report.hpp"

#include <array>
#include <cstdio>

namespace tango::student {
namespace {

std::string seconds(std::uint64_t micros) {
  std::array<char, 40> text{};
  constexpr std::uint64_t kSecond = 1'000'000;
  std::snprintf(text.data(), text.size(), "%llu.%06llu",
                static_cast<unsigned long long>(micros / kSecond),
                static_cast<unsigned long long>(micros % kSecond));
  return text.data();
}

const char* nameOf(sandbox::StudentLimit limit) {
  switch (limit) {
    case sandbox::StudentLimit::kWallTime:
      return "\"wall_time\"";
    case sandbox::StudentLimit::kCpuTime:
      return "\"cpu_time\"";
    case sandbox::StudentLimit::kMemory:
      return "\"memory\"";
    case sandbox::StudentLimit::kOutput:
      return "\"output\"";
    case sandbox::StudentLimit::kDisk:
      return "\"disk\"";
    case sandbox::StudentLimit::kNone:
      break;
  }
  return "null";
}

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (code < 0x20 || code >= 0x7f) {
      result += '?';  // a file's name may hold anything
      continue;
    }
    if (c == '"' || c == '\\') {
      result += '\\';
    }
    result += c;
  }
  return result + "\"";
}

}  // namespace

std::string reportJson(const Finished& finished) {
  const sandbox::StudentEnd& end = finished.end;
  const std::string status = std::to_string(end.status);
  return "{\"exit_status\": " + (end.exited ? status : "null") +
         ", \"signal\": " + (end.exited ? "null" : status) +
         ", \"limit\": " + nameOf(end.ended_by) + ", \"wall_seconds\": " + seconds(end.wall_us) +
         ", \"user_seconds\": " + seconds(end.user_us) +
         ", \"system_seconds\": " + seconds(end.system_us) +
         ", \"memory_peak_bytes\": " + std::to_string(end.memory_peak_bytes) +
         ", \"disk_bytes\": " + std::to_string(end.disk_bytes) +
         ", \"disk_full\": " + (end.disk_full ? "true" : "false") +
         ", \"output_bytes\": " + std::to_string(finished.output_bytes) + ", \"error\": null}\n";
}

std::string reportJson(const std::string& error) {
  return "{\"exit_status\": null, \"signal\": null, \"limit\": null, \"wall_seconds\": null, "
         "\"user_seconds\": null, \"system_seconds\": null, \"memory_peak_bytes\": null, "
         "\"disk_bytes\": null, \"disk_full\": null, \"output_bytes\": null, \"error\": " +
         quoted(error) + "}\n";
}

}  // namespace tango::student
