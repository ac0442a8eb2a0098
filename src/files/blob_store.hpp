// The content of uploaded files, each once, under its SHA-256:
//
//   DATA/blobs/ab/abcdef...   the content; never written again once it is there
//   DATA/incoming/            what is being uploaded; swept at the start
//
// Every method blocks: it is for a thread that may (async/offload.hpp).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace tango::files {

struct StoredBlob {
  std::string sha256;  ///< lower-case hex
  std::string md5;     ///< lower-case hex
  std::uint64_t bytes = 0;
};

class BlobStore;

/// A file that is being uploaded; it is gone unless it is kept. Used by one thread at a time.
class Upload {
 public:
  Upload(Upload&& other) noexcept;
  Upload& operator=(Upload&&) = delete;
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;
  ~Upload();

  /// Appends. kTooLarge: the disk is full.
  base::Result<void> write(std::span<const char> bytes);
  [[nodiscard]] std::uint64_t bytes() const;
  /// Makes it durable and puts it in its place. Also done anew if the content is there already, so
  /// that what is about to be used is young (see BlobStore::remove).
  base::Result<StoredBlob> keep();

 private:
  friend class BlobStore;
  struct State;
  explicit Upload(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

class BlobStore {
 public:
  /// Opens, or makes, the folders in `data_folder_fd` (borrowed for the call) and sweeps what
  /// earlier uploads left. `data_folder` is its path, for path(). `now`, from any thread: how old
  /// content is, see remove.
  static base::Result<std::unique_ptr<BlobStore>> open(int data_folder_fd,
                                                       std::filesystem::path data_folder,
                                                       base::WallClock now = base::unixNow);

  base::Result<Upload> begin();
  /// Where the content lies, for a job's InputFile. `sha256` must be 64 lower-case hex digits.
  [[nodiscard]] std::filesystem::path path(const std::string& sha256) const;
  /// kNotFound: it is not there.
  base::Result<base::UniqueFd> openBlob(const std::string& sha256) const;
  /// The content that there is whose first byte is `first_byte`.
  [[nodiscard]] base::Result<std::vector<std::string>> list(unsigned char first_byte) const;
  /// Removes content that nothing uses any more, unless it was kept in the last hour: its use may
  /// be about to be stored. Fine if it is not there.
  base::Result<void> remove(const std::string& sha256);

 private:
  friend class Upload;
  BlobStore(base::UniqueFd blobs, base::UniqueFd incoming, std::filesystem::path data_folder,
            base::WallClock now);

  base::UniqueFd blobs_;
  base::UniqueFd incoming_;
  const std::filesystem::path data_folder_;
  const base::WallClock now_;
  std::mutex places_;  ///< held while content comes to or leaves its place
};

/// Whether `text` is 64 lower-case hex digits.
[[nodiscard]] bool isSha256(const std::string& text);

}  // namespace tango::files
