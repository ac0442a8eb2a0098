// A pickle that a cluster manager sends. What is taken can be asked for all that we read of it.
#include <cstdint>
#include <string_view>

#include "vmms/tashi/instances.hpp"
#include "vmms/tashi/pickle_reader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  namespace tashi = tango::vmms::tashi;
  const auto pickle = tashi::readPickle({reinterpret_cast<const char*>(bytes), size});
  if (!pickle) {
    return 0;
  }
  static_cast<void>(tashi::refusalIn(*pickle));
  static_cast<void>(tashi::instanceOf(*pickle->root));
  static_cast<void>(tashi::instancesOf(*pickle));
  return 0;
}
