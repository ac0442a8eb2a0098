// What a machine says of itself over ssh. A copy of autodriver that is said to be usable is one
// that only root can have written, and what is said to people is short.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.hpp"
#include "vmms/remote/shell_commands.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  namespace remote = tango::vmms::remote;
  const auto probe = remote::parseProbe({reinterpret_cast<const char*>(bytes), size});
  if (!probe) {
    TANGO_ASSERT(probe.error().message().size() < 1000, "words without end");
    return 0;
  }
  for (const std::string& words : {probe->architecture, probe->sudo_words, probe->set_up_trouble}) {
    TANGO_ASSERT(words.size() <= 200, "words without end");
  }
  for (const remote::Probe::Copy& copy : probe->copies) {
    const std::string path = remote::usableCopy(*probe, copy.sha256);
    const bool is_roots = std::any_of(
        probe->copies.begin(), probe->copies.end(), [&](const remote::Probe::Copy& each) {
          return each.path == path && each.sha256 == copy.sha256 && each.owner == 0;
        });
    TANGO_ASSERT(path.empty() || is_roots, "a copy that others can write");
  }
  return 0;
}
