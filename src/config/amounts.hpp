// Durations and sizes as an administrator writes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace tango::config {

/// `10s`, `1.5h`, `500ms`, `5m`, `2h`, `30d`, or a bare number of seconds. Absent: it is no
/// duration, or more than a hundred years.
[[nodiscard]] std::optional<base::Millis> durationOf(std::string_view text);
/// The same of a number of seconds; absent: negative, or more than a hundred years.
[[nodiscard]] std::optional<base::Millis> durationOf(double seconds);

/// `512MiB`, `1.5 GiB`, `64K`, or a bare number of bytes; K, M, G and T are powers of 1024, as the
/// KiB, MiB, GiB, TiB that they are short for. Absent: it is no size (`1GB` is not: it could mean
/// two), or more than 2^63 bytes.
[[nodiscard]] std::optional<std::uint64_t> sizeOf(std::string_view text);

/// The shortest of these forms that is exact: `90s`, `2h`, `1500ms`.
[[nodiscard]] std::string durationText(base::Millis duration);
/// `512MiB`, `1000KiB`, `1001B`.
[[nodiscard]] std::string sizeText(std::uint64_t bytes);

}  // namespace tango::config
