#include "base/sha256.hpp"

#include <openssl/evp.h>

#include "base/assert.hpp"

namespace tango::base {

Sha256 sha256Of(std::string_view bytes) {
  Sha256 digest{};
  unsigned size = 0;
  const int made =
      ::EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, ::EVP_sha256(), nullptr);
  TANGO_ASSERT(made == 1 && size == digest.size(), "OpenSSL has no SHA-256");
  return digest;
}

}  // namespace tango::base
