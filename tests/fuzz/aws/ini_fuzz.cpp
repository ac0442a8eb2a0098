// Any bytes as a file of sections: refused by its line alone, or read as what reads back as the
// same.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "aws/ini.hpp"

namespace {

std::string written(const tango::aws::Ini& ini) {
  std::string text;
  for (const auto& [name, section] : ini) {
    text += "[" + name + "]\n";
    for (const auto& [key, value] : section) {
      text += key + " = ";
      for (const char each : value) {
        text += each == '\n' ? "\n  " : std::string(1, each);
      }
      text += '\n';
    }
  }
  return text;
}

// What cannot be written so that it is read again: it stands for itself only where it stood.
bool readsBack(const tango::aws::Ini& ini) {
  for (const auto& [name, section] : ini) {
    for (const auto& [key, value] : section) {
      const bool mark = value.starts_with('#') || value.starts_with(';') || key.starts_with('[');
      if (mark || value.find("\n\n") != std::string::npos || value.ends_with('\n') ||
          value.find("\n#") != std::string::npos || value.find("\n;") != std::string::npos) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto ini = tango::aws::parseIni(text, "fuzz");
  if (!ini) {
    return ini.error().message().starts_with("fuzz, line ") ? 0 : (std::abort(), 1);
  }
  if (readsBack(*ini)) {
    const auto again = tango::aws::parseIni(written(*ini), "written");
    if (!again || *again != *ini) {
      std::abort();
    }
  }
  return 0;
}
