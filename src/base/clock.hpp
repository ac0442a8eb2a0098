// Time as the service uses it: deadlines on the monotonic clock, and the ways in which Tango writes
// dates.
#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>
#include <functional>
#include <string>

namespace tango::base {

using SteadyClock = std::chrono::steady_clock;
using Deadline = SteadyClock::time_point;
using Millis = std::chrono::milliseconds;

[[nodiscard]] inline Deadline after(Millis duration) {
  return SteadyClock::now() + duration;
}

/// The time of day as it is stored and sent: milliseconds since 1970, UTC.
using UnixMillis = std::int64_t;

/// Where the time of day comes from; a test has its own.
using WallClock = std::function<UnixMillis()>;

[[nodiscard]] inline UnixMillis unixNow() {
  return std::chrono::duration_cast<Millis>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

[[nodiscard]] constexpr std::time_t secondsOf(UnixMillis when) {
  return static_cast<std::time_t>(when / 1000);
}

/// `Mon Nov 23 17:31:03 2026` in UTC, as in a job's trace: Autolab reads those as UTC.
[[nodiscard]] std::string ctimeUtc(std::time_t when);

/// The same in the server's own time zone, as in the header of an output file.
[[nodiscard]] std::string ctimeLocal(std::time_t when);

/// `2026-11-23T17:31:03Z`, as in files that programs read.
[[nodiscard]] std::string isoUtc(std::time_t when);

}  // namespace tango::base
