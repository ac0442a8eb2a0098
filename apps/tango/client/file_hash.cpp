#include "tango/client/file_hash.hpp"

#include <array>
#include <cerrno>
#include <memory>
#include <vector>

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include "base/hex.hpp"
#include "base/unique_fd.hpp"

namespace tango::client {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::size_t kPiece = 256 * 1024;

}  // namespace

Result<HashedFile> hashFile(const std::string& path) {
  const base::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) {
    return base::systemError(errno, "open " + path);
  }
  const std::unique_ptr<EVP_MD_CTX, decltype(&::EVP_MD_CTX_free)> hash(::EVP_MD_CTX_new(),
                                                                       ::EVP_MD_CTX_free);
  bool good = hash != nullptr && ::EVP_DigestInit_ex(hash.get(), ::EVP_sha256(), nullptr) == 1;
  std::vector<char> piece(kPiece);
  HashedFile hashed;
  for (;;) {
    const ssize_t got = ::read(file.get(), piece.data(), piece.size());
    if (got < 0) {
      return base::systemError(errno, "read " + path);
    }
    if (got == 0) {
      break;
    }
    const auto size = static_cast<std::size_t>(got);
    good = good && ::EVP_DigestUpdate(hash.get(), piece.data(), size) == 1;
    hashed.bytes += size;
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int digest_bytes = 0;
  if (!good || ::EVP_DigestFinal_ex(hash.get(), digest.data(), &digest_bytes) != 1) {
    return Error(ErrorKind::kSystem, "hash " + path + ": OpenSSL fails");
  }
  hashed.sha256 = base::hexOf(std::span(digest).first(digest_bytes));
  return hashed;
}

}  // namespace tango::client
