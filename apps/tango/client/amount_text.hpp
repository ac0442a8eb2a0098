// Sizes, durations and times as people read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace tango::client {

/// "17 bytes", "1.5 KiB", "64.0 MiB", "2.00 GiB".
[[nodiscard]] std::string sizeText(double bytes);
/// "0.4 ms", "25 ms", "3.2 s", "5 min 3 s", "3 h 12 min", "2 d 3 h".
[[nodiscard]] std::string durationText(double seconds);
/// "2", "1.5".
[[nodiscard]] std::string numberText(double number);
/// Milliseconds since 1970 of a time as /v1 writes it ("2026-11-23T17:31:03.250Z").
[[nodiscard]] std::optional<std::int64_t> unixMillisOf(const std::string& time);
/// Such a time in this machine's own time zone, "2026-11-23 18:31:03"; "-" for anything else.
[[nodiscard]] std::string localTime(const std::string& time);

}  // namespace tango::client
