#include "base/log.hpp"

#include <span>
#include <string>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/ascii.hpp"
#include "base/hex.hpp"

namespace tango::base {
namespace {

spdlog::logger& logger() {
  static spdlog::logger instance = [] {
    spdlog::logger made("tango", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made.set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    made.flush_on(spdlog::level::trace);
    return made;
  }();
  return instance;
}

spdlog::level::level_enum levelOf(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

std::string printable(std::string_view message) {
  std::string text;
  text.reserve(message.size());
  for (const char each : message) {
    const auto byte = static_cast<unsigned char>(each);
    if (isControl(each)) {
      text += "\\x" + hexOf(std::span(&byte, 1));
    } else {
      text.push_back(each);
    }
  }
  return text;
}

}  // namespace

void setLogLevel(LogLevel level) {
  logger().set_level(levelOf(level));
}

void log(LogLevel level, std::string_view message) {
  logger().log(levelOf(level), "{}", printable(message));
}

}  // namespace tango::base
