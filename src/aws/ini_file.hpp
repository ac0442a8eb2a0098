// Reads a file of sections that may or may not be there.
#pragma once

#include <cstdint>
#include <string>

#include "aws/ini.hpp"
#include "base/result.hpp"

namespace tango::aws {

/// A larger file is none of these.
inline constexpr std::uint64_t kIniBytesMax = 256ULL * 1024;

struct IniFile {
  std::string path;
  bool there = false;
  bool others_read = false;  ///< its mode lets others than its owner read it
  Ini sections;

  /// nullptr: there is no such section.
  [[nodiscard]] const IniSection* section(std::string_view name) const;
};

/// The value of `key` (in lower case) in `section`; "": there is none, or no section.
[[nodiscard]] std::string valueOf(const IniSection* section, std::string_view key);

/// Blocks. A file that is not there (or in a folder that we may not look into), and /dev/null, by
/// which people say "none", are no error. kInvalid, with the path: it cannot be opened or read, is
/// not a regular file, is too large, or not as parseIni has it.
base::Result<IniFile> readIniFile(const std::string& path);

}  // namespace tango::aws
