// What the service tells its operator: one line an event on stderr, where journald or a file takes
// it. Never a secret: a client's key is not logged, and neither is a job's content.
#pragma once

#include <string_view>

namespace tango::base {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

/// Lines below `level` are left out; kInfo until it is set.
void setLogLevel(LogLevel level);

/// `2026-11-23T17:31:03.123Z warning pool: ...`. Control characters in `message` are escaped, so
/// that what came from a client cannot forge a line. Any thread.
void log(LogLevel level, std::string_view message);

inline void logInfo(std::string_view message) {
  log(LogLevel::kInfo, message);
}
inline void logWarning(std::string_view message) {
  log(LogLevel::kWarning, message);
}
inline void logError(std::string_view message) {
  log(LogLevel::kError, message);
}

}  // namespace tango::base
