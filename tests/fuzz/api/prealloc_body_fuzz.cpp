// The body of prealloc: JSON or a form.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "api/wire/prealloc_body.hpp"
#include "base/utf8.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto read = tango::api::wire::preallocBodyOf(body);
  if (!read) {
    return 0;
  }
  // Whatever is let through can be counted with.
  for (const auto& amount : {read->cores, read->memory_mb}) {
    if (amount && !(*amount > 0 && *amount <= 1e9)) {
      std::abort();
    }
  }
  if (tango::base::replaceInvalidUtf8(read->vmms) != read->vmms) {
    std::abort();
  }
  return 0;
}
