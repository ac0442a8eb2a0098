// Clients' keys: what makes one good enough, and the file that holds them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace tango::config {

/// A key shorter than this can be guessed: it is for this machine's own clients alone.
inline constexpr std::size_t kKeyBytesMin = 16;

/// True where only this machine can connect to `host`: 127.0.0.0/8, ::1 (in brackets too),
/// localhost.
[[nodiscard]] bool isLoopback(std::string_view host);

/// Why `key` is not fit for a service that others can reach ("it is `test`, which everybody
/// knows"); "" if it is. Never quotes any other key.
[[nodiscard]] std::string weaknessOf(std::string_view key);

/// The keys in a file: one a line; blank lines, and those that begin with '#', are none. kInvalid:
/// there is no key in it, or a line that can be none; the line is named, not tomlText.
base::Result<std::vector<std::string>> readKeyFile(const std::string& path);

/// Everything in the regular file `path`. kTooLarge: it has more than `bytes_max`.
base::Result<std::string> readSmallFile(const std::string& path, std::size_t bytes_max);

}  // namespace tango::config
