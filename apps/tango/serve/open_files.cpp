#include "tango/serve/open_files.hpp"

#include <algorithm>
#include <cerrno>
#include <string>

#include <sys/resource.h>

#include "base/error.hpp"
#include "base/log.hpp"

namespace tango::app {
namespace {

// A connection has at most a socket and the file that it sends or brings; half is left for jobs.
constexpr std::size_t kFilesOfEachConnection = 4;

}  // namespace

std::size_t connectionsThatFit(std::size_t connections_max) {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) {
    base::logWarning(base::systemError(errno, "read the limit of open files").message());
    return connections_max;
  }
  files.rlim_cur = files.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &files) != 0) {
    base::logWarning(base::systemError(errno, "raise the limit of open files").message());
    ::getrlimit(RLIMIT_NOFILE, &files);
  }
  const std::size_t fit = std::max<std::size_t>(1, files.rlim_cur / kFilesOfEachConnection);
  if (fit >= connections_max) {
    return connections_max;
  }
  base::logWarning("server.connections_max is " + std::to_string(connections_max) + ", but only " +
                   std::to_string(files.rlim_cur) +
                   " files may be open (ulimit -n, LimitNOFILE): " + std::to_string(fit) +
                   " connections are taken");
  return fit;
}

}  // namespace tango::app
