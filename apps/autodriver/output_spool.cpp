#include "autodriver/output_spool.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

namespace tango::autodriver {
namespace {

using base::HeadTail;

constexpr std::uint64_t kMemoryMax = std::uint64_t{16} << 20;

// A file of root's, without a name. Where the file system has no O_TMPFILE, it has a name for a
// moment: one that cannot be foreseen and that O_EXCL makes anew, in a folder where nobody else
// can rename it.
UniqueFd openNameless(const char* folder) {
  constexpr int kFlags = O_RDWR | O_EXCL | O_CLOEXEC;
  UniqueFd file(::open(folder, kFlags | O_TMPFILE, 0600));
  if (!file) {
    std::string name = std::string(folder) + "/.autodriver-XXXXXX";
    file.reset(::mkostemp(name.data(), O_CLOEXEC));
    if (file) {
      ::unlink(name.c_str());
    }
  }
  return file;
}

}  // namespace

Result<OutputSpool> OutputSpool::open(std::uint64_t bytes_max) {
  if (bytes_max != 0 && bytes_max <= kMemoryMax) {
    return OutputSpool(bytes_max, UniqueFd());
  }
  for (const char* folder : {"/var/tmp", "/tmp", "/run"}) {
    if (UniqueFd file = openNameless(folder); file) {
      return OutputSpool(bytes_max, std::move(file));
    }
  }
  return base::systemError(errno, "make a file for the output in /var/tmp, /tmp or /run");
}

Result<OutputSpool> OutputSpool::openInMemory(std::uint64_t bytes_max) {
  if (bytes_max == 1) {
    return OutputSpool(bytes_max, UniqueFd());  // a file needs a half that is not empty
  }
  UniqueFd file(::memfd_create("output", MFD_CLOEXEC));
  if (!file) {
    return base::systemError(errno, "make a file in memory for the output");
  }
  return OutputSpool(bytes_max, std::move(file));
}

void OutputSpool::put(std::string_view bytes, std::uint64_t offset) {
  while (!bytes.empty() && !full_) {
    const ssize_t n = ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
      offset += static_cast<std::uint64_t>(n);
    } else if (n == 0 || errno != EINTR) {
      full_ = true;
    }
  }
}

void OutputSpool::append(std::string_view bytes) {
  if (!file_) {
    memory_.append(bytes);
    total_ = memory_.total();
    return;
  }
  while (!bytes.empty()) {
    const bool in_head = bytes_max_ == 0 || total_ < bytes_max_;
    const std::uint64_t around = in_head ? 0 : (total_ - bytes_max_) % half();
    const std::uint64_t room =
        in_head ? (bytes_max_ == 0 ? bytes.size() : bytes_max_ - total_) : half() - around;
    const std::string_view piece = bytes.substr(0, room);
    if (!full_) {
      put(piece, in_head ? total_ : bytes_max_ + around);
      kept_ = full_ ? std::min(total_, bytes_max_ == 0 ? total_ : bytes_max_) : kept_;
    }
    total_ += piece.size();
    bytes.remove_prefix(piece.size());
  }
}

bool OutputSpool::handPart(const Take& take, std::uint64_t offset, std::uint64_t size) const {
  std::vector<char> piece(kPieceBytes);
  while (size > 0) {
    const ssize_t n = ::pread(file_.get(), piece.data(), std::min<std::size_t>(piece.size(), size),
                              static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n <= 0 || !take({piece.data(), static_cast<std::size_t>(n)})) {
      return false;
    }
    offset += static_cast<std::uint64_t>(n);
    size -= static_cast<std::uint64_t>(n);
  }
  return true;
}

bool OutputSpool::hand(const Take& take) const {
  if (!file_) {
    const std::string text = memory_.text();
    bool taken = true;
    for (std::size_t at = 0; taken && at < text.size(); at += kPieceBytes) {
      taken = take(std::string_view(text).substr(at, kPieceBytes));
    }
    return taken;
  }
  if (!elided()) {
    return handPart(take, 0, total_);
  }
  if (full_) {
    return handPart(take, 0, kept_) && take(HeadTail::kElided);
  }
  if (!handPart(take, 0, half()) || !take(HeadTail::kElided)) {
    return false;
  }
  // The last half of all bytes: some of it may still be in the head, the rest goes round the ring.
  std::uint64_t at = total_ - half();
  while (at < total_) {
    const bool in_head = at < bytes_max_;
    const std::uint64_t around = in_head ? 0 : (at - bytes_max_) % half();
    const std::uint64_t run = std::min(total_ - at, in_head ? bytes_max_ - at : half() - around);
    if (!handPart(take, in_head ? at : bytes_max_ + around, run)) {
      return false;
    }
    at += run;
  }
  return true;
}

bool OutputSpool::writeTo(int fd) const {
  return hand([fd](std::string_view piece) { return writeAll(fd, piece); });
}

bool writeAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {
      pollfd one{fd, POLLOUT, 0};
      ::poll(&one, 1, -1);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

}  // namespace tango::autodriver
