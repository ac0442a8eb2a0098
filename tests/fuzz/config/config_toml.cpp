// Any bytes as a configuration: refused with an error, or shown as what reads back as the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "config/service_config.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto config = tango::config::parseConfig(text, "fuzz");
  if (!config) {
    return config.error().message().empty() ? std::abort(), 1 : 0;
  }
  const std::string shown = tango::config::showConfig(*config);
  const auto again = tango::config::parseConfig(shown, "shown");
  if (!again || tango::config::showConfig(*again) != shown) {
    std::abort();
  }
  return 0;
}
