// Reading and writing the small files of /proc and of the control group file systems.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace tango::sandbox {

/// All of a small file (at most 1 MiB is read); "" if it cannot be read.
[[nodiscard]] std::string readFileAt(int dir_fd, const char* path);

/// All of an open small file, from its beginning: the kernel writes it anew. "" if it cannot be
/// read.
[[nodiscard]] std::string readFromStart(int fd);

/// Writes `value` in one write(2), as these files want it. kNotFound: there is no such file.
[[nodiscard]] base::Result<void> writeFileAt(int dir_fd, const char* path, std::string_view value);

/// The number that `text` begins with.
[[nodiscard]] std::optional<std::uint64_t> leadingNumber(std::string_view text);

/// The number behind `key` in lines of the form "key number".
[[nodiscard]] std::optional<std::uint64_t> numberOf(std::string_view lines, std::string_view key);

[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);

}  // namespace tango::sandbox
