// Any bytes as a Python Tango's configuration: what is made of it is one that we take.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "config/python_import.hpp"
#include "config/service_config.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // Most bytes are no class; so they are read as the body of one too.
  for (const std::string& file :
       {std::string(text), "class Config:\n " + std::string(text) + "\n"}) {
    const auto made = tango::config::importPython(file, "fuzz");
    if (made && !tango::config::parseConfig(made->toml, "made")) {
      std::abort();
    }
  }
  return 0;
}
