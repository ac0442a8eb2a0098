#include "autodriver/pipe.hpp"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

namespace tango::autodriver {

using base::Result;
using base::systemError;
using base::UniqueFd;

Result<Pipe> makePipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return systemError(errno, "make a pipe");
  }
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// A pipe's own mode counts when a job opens /dev/stdout or /proc/self/fd/1, as shells do for
// `echo > /dev/stderr`; so it belongs to the job's user.
Result<Pipe> makeOutputPipe(const drive::Account& account) {
  Result<Pipe> pipe = makePipe();
  if (!pipe) {
    return pipe;
  }
  if (::fchown(pipe->write.get(), account.uid, account.gid) != 0 ||
      ::fcntl(pipe->read.get(), F_SETFL, O_NONBLOCK) != 0) {
    return systemError(errno, "set up the output's pipe");
  }
  return pipe;
}

Result<void> makeNonBlocking(int fd, const char* what) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) {
    return systemError(errno, what);
  }
  return {};
}

}  // namespace tango::autodriver
