#include "images/data_folder.hpp"

#include <cerrno>
#include <cstdlib>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/safe_path.hpp"

namespace tango::images {
namespace {

using base::systemError;

Result<void> makeParents(const std::string& path) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    const std::string parent = path.substr(0, slash);
    if (::mkdir(parent.c_str(), 0755) != 0 && errno != EEXIST) {
      return systemError(errno, "make folder " + parent);
    }
  }
  return {};
}

}  // namespace

Result<std::string> defaultDataFolder() {
  if (::geteuid() == 0) {
    return std::string("/var/lib/tango");
  }
  const char* data = std::getenv("XDG_DATA_HOME");
  if (data != nullptr && data[0] == '/') {  // the specification says to ignore a relative one
    return std::string(data) + "/tango";
  }
  const char* home = std::getenv("HOME");
  if (home != nullptr && home[0] == '/') {
    return std::string(home) + "/.local/share/tango";
  }
  return base::Error(base::ErrorKind::kInvalid,
                     "HOME is not set, so there is no default data folder: name one");
}

Result<UniqueFd> openDataFolder(const std::string& path) {
  const Result<void> parents = makeParents(path);
  if (!parents) {
    return parents.error();
  }
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return systemError(errno, "make folder " + path);
  }
  return base::openDirectory(path.c_str());
}

Result<UniqueFd> openOrMakeFolder(int parent_fd, const char* name) {
  if (::mkdirat(parent_fd, name, 0700) != 0 && errno != EEXIST) {
    return systemError(errno, std::string("make folder ") + name);
  }
  return base::openNoLinks(parent_fd, name, O_RDONLY | O_DIRECTORY);
}

}  // namespace tango::images
