// Any bytes as what the metadata says of a role: refused, or credentials with all their parts.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "aws/role_credentials.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(tango::aws::parseIsoUtc(text));
  const auto made = tango::aws::parseRoleCredentials(text, "fuzz");
  if (!made) {
    return made.error().message().starts_with("fuzz: ") ? 0 : (std::abort(), 1);
  }
  for (const std::string& part :
       {made->access_key_id, made->secret_access_key, made->session_token}) {
    const bool plain =
        std::all_of(part.begin(), part.end(), [](char each) { return each > ' ' && each < 0x7f; });
    if (part.empty() || !plain) {
      std::abort();
    }
  }
  return made->expires ? 0 : (std::abort(), 1);
}
