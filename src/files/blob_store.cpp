#include "files/blob_store.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ascii.hpp"
#include "base/assert.hpp"
#include "base/folder.hpp"
#include "base/hex.hpp"
#include "base/safe_path.hpp"
#include "base/write_all.hpp"
#include "files/own_folder.hpp"

namespace tango::files {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::systemError;
using base::UniqueFd;

/// Content that came to its place not longer ago is not removed.
constexpr base::UnixMillis kYoungMs = 3'600'000;

class Digest {
 public:
  explicit Digest(const EVP_MD* kind) : context_(EVP_MD_CTX_new()) {
    TANGO_ASSERT(context_ != nullptr && EVP_DigestInit_ex(context_.get(), kind, nullptr) == 1,
                 "OpenSSL has SHA-256 and MD5");
  }
  void add(std::string_view bytes) {
    TANGO_ASSERT(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1,
                 "hashing in memory cannot fail");
  }
  [[nodiscard]] std::string hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned size = 0;
    TANGO_ASSERT(EVP_DigestFinal_ex(context_.get(), bytes.data(), &size) == 1,
                 "hashing in memory cannot fail");
    return base::hexOf(std::span(bytes).first(size));
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

Result<void> sweep(int folder_fd) {
  const Result<std::vector<std::string>> names = base::namesIn(folder_fd);
  if (!names) {
    return names.error();
  }
  for (const std::string& name : *names) {
    if (::unlinkat(folder_fd, name.c_str(), 0) != 0) {
      return systemError(errno, "remove the unfinished upload " + name);
    }
  }
  return {};
}

Error notThere(const std::string& sha256) {
  return {ErrorKind::kNotFound, "there is no content " + sha256};
}

}  // namespace

bool isSha256(const std::string& text) {
  return text.size() == 64 &&
         std::ranges::all_of(text, [](char c) { return base::hexDigit(c) && base::lower(c) == c; });
}

struct Upload::State {
  State(BlobStore& owner, std::string temporary, UniqueFd opened)
      : store(owner), name(std::move(temporary)), file(std::move(opened)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (!name.empty()) {
      ::unlinkat(store.incoming_.get(), name.c_str(), 0);
    }
  }

  BlobStore& store;
  std::string name;  ///< in the folder `incoming`; "" once it is kept
  UniqueFd file;
  Digest sha256{EVP_sha256()};
  Digest md5{EVP_md5()};
  std::uint64_t bytes = 0;
  bool whole = true;  ///< every write so far was done
};

Upload::Upload(std::unique_ptr<State> state) : state_(std::move(state)) {}
Upload::Upload(Upload&& other) noexcept = default;
Upload::~Upload() = default;

Result<void> Upload::write(std::span<const char> bytes) {
  TANGO_ASSERT(!state_->name.empty(), "nothing is written to what was kept");
  const std::string_view text(bytes.data(), bytes.size());
  if (const Result<void> written = base::writeAll(state_->file.get(), text, "the uploaded file");
      !written) {
    state_->whole = false;
    return written;
  }
  state_->sha256.add(text);
  state_->md5.add(text);
  state_->bytes += bytes.size();
  return {};
}

std::uint64_t Upload::bytes() const {
  return state_->bytes;
}

Result<StoredBlob> Upload::keep() {
  State& state = *state_;
  TANGO_ASSERT(!state.name.empty(), "an upload is kept once");
  if (!state.whole) {
    return Error(ErrorKind::kSystem, "the upload is not complete: a write to it failed");
  }
  if (::fsync(state.file.get()) != 0) {
    return systemError(errno, "fsync the uploaded file");
  }
  StoredBlob blob{state.sha256.hex(), state.md5.hex(), state.bytes};
  state.whole = false;  // its hashes are taken: a second attempt would give others
  const std::scoped_lock lock(state.store.places_);
  Result<UniqueFd> folder = ownFolder(state.store.blobs_.get(), blob.sha256.substr(0, 2));
  if (!folder) {
    return folder.error();
  }
  if (::renameat(state.store.incoming_.get(), state.name.c_str(), folder->get(),
                 blob.sha256.c_str()) != 0) {
    return systemError(errno, "put the uploaded file in its place");
  }
  state.name.clear();
  if (::fsync(folder->get()) != 0) {
    return systemError(errno, "fsync the folder of the uploaded file");
  }
  return blob;
}

BlobStore::BlobStore(UniqueFd blobs, UniqueFd incoming, std::filesystem::path data_folder,
                     base::WallClock now)
    : blobs_(std::move(blobs)),
      incoming_(std::move(incoming)),
      data_folder_(std::move(data_folder)),
      now_(std::move(now)) {}

Result<std::unique_ptr<BlobStore>> BlobStore::open(int data_folder_fd,
                                                   std::filesystem::path data_folder,
                                                   base::WallClock now) {
  Result<UniqueFd> blobs = ownFolder(data_folder_fd, "blobs");
  if (!blobs) {
    return blobs.error();
  }
  Result<UniqueFd> incoming = ownFolder(data_folder_fd, "incoming");
  if (!incoming) {
    return incoming.error();
  }
  if (const Result<void> swept = sweep(incoming->get()); !swept) {
    return swept.error();
  }
  return std::unique_ptr<BlobStore>(new BlobStore(*std::move(blobs), *std::move(incoming),
                                                  std::move(data_folder), std::move(now)));
}

Result<Upload> BlobStore::begin() {
  Result<std::string> name = base::randomHex(16);
  if (!name) {
    return name.error();
  }
  UniqueFd file(::openat(incoming_.get(), name->c_str(),
                         O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) {
    return systemError(errno, "begin an upload");
  }
  return Upload(std::make_unique<Upload::State>(*this, *std::move(name), std::move(file)));
}

std::filesystem::path BlobStore::path(const std::string& sha256) const {
  TANGO_ASSERT(isSha256(sha256), "content is named by its SHA-256");
  return data_folder_ / "blobs" / sha256.substr(0, 2) / sha256;
}

Result<std::vector<std::string>> BlobStore::list(unsigned char first_byte) const {
  const std::string name = base::hexOf(std::span(&first_byte, 1));
  const Result<UniqueFd> folder =
      base::openNoLinks(blobs_.get(), name.c_str(), O_RDONLY | O_DIRECTORY);
  if (!folder) {
    return folder.error().kind() == ErrorKind::kNotFound
               ? Result<std::vector<std::string>>(std::vector<std::string>())
               : folder.error();
  }
  Result<std::vector<std::string>> names = base::namesIn(folder->get());
  if (names) {
    std::erase_if(*names, [](const std::string& each) { return !isSha256(each); });
  }
  return names;
}

Result<UniqueFd> BlobStore::openBlob(const std::string& sha256) const {
  if (!isSha256(sha256)) {
    return Error(ErrorKind::kInvalid, "content is named by 64 lower-case hex digits");
  }
  const std::string place = sha256.substr(0, 2) + "/" + sha256;
  Result<UniqueFd> file = base::openNoLinks(blobs_.get(), place.c_str(), O_RDONLY);
  if (!file && file.error().kind() == ErrorKind::kNotFound) {
    return notThere(sha256);
  }
  return file;
}

Result<void> BlobStore::remove(const std::string& sha256) {
  if (!isSha256(sha256)) {
    return Error(ErrorKind::kInvalid, "content is named by 64 lower-case hex digits");
  }
  const std::string place = sha256.substr(0, 2) + "/" + sha256;
  const std::scoped_lock lock(places_);
  struct stat status{};
  if (::fstatat(blobs_.get(), place.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    return errno == ENOENT ? Result<void>() : systemError(errno, "look at the content " + sha256);
  }
  // The time of the inode's last change: a rename into place is one, and nobody can set it back.
  const base::UnixMillis changed = base::UnixMillis{status.st_ctim.tv_sec} * 1'000;
  if (changed > now_() - kYoungMs) {
    return {};
  }
  if (::unlinkat(blobs_.get(), place.c_str(), 0) != 0 && errno != ENOENT) {
    return systemError(errno, "remove the content " + sha256);
  }
  return {};
}

}  // namespace tango::files
