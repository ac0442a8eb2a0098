#include "files/own_folder.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/safe_path.hpp"

namespace tango::files {

base::Result<base::UniqueFd> ownFolder(int parent_fd, const std::string& name) {
  if (::mkdirat(parent_fd, name.c_str(), 0700) == 0) {
    if (::fsync(parent_fd) != 0) {
      return base::systemError(errno, "fsync the folder of " + name);
    }
  } else if (errno != EEXIST) {
    return base::systemError(errno, "make the folder " + name);
  }
  return base::openNoLinks(parent_fd, name.c_str(), O_RDONLY | O_DIRECTORY);
}

}  // namespace tango::files
