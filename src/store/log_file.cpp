#include "store/log_file.hpp"

#include <cerrno>
#include <cstddef>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/unique_fd.hpp"
#include "base/write_all.hpp"

namespace tango::store {
namespace {

// A page and the header of its frame.
constexpr std::size_t kFrameBytes = 4096 + 24;
// What comes between the page that is one too many and the checkpoint.
constexpr std::size_t kSparePages = 200;
constexpr std::size_t kLogBytes = (kCheckpointPages + kSparePages) * kFrameBytes;
// The kernel keeps what is written at once in one piece of its cache (a large folio), and whoever
// writes to a byte of that goes over all of it: a store's writes are small, so these are too.
constexpr std::size_t kWriteBytes = 4096;

base::Result<void> fill(int log, const std::string& path) {
  const std::string zeros(kWriteBytes, '\0');
  for (std::size_t bytes = 0; bytes < kLogBytes; bytes += kWriteBytes) {
    if (base::Result<void> written = base::writeAll(log, zeros, path); !written) {
      return written;
    }
  }
  return {};
}

}  // namespace

base::Result<void> layOutLog(const std::filesystem::path& file) {
  const std::string path = file.string() + "-wal";
  const base::UniqueFd log(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  struct stat status{};
  if (!log || ::fstat(log.get(), &status) != 0) {
    return base::systemError(errno, "open the log " + path);
  }
  if (status.st_size != 0) {
    return {};
  }
  if (base::Result<void> written = fill(log.get(), path); !written) {
    // On a disk that is nearly full the log grows as it is needed.
    const bool emptied = ::ftruncate(log.get(), 0) == 0;
    return emptied && written.error().kind() == base::ErrorKind::kTooLarge ? base::Result<void>()
                                                                           : written;
  }
  if (::fsync(log.get()) != 0) {
    return base::systemError(errno, "fsync the log " + path);
  }
  return {};
}

}  // namespace tango::store
