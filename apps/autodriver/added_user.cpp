#include "autodriver/added_user.hpp"

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/unique_fd.hpp"
#include "base/write_all.hpp"
#include "sandbox/parts/cgroup_files.hpp"

namespace tango::autodriver {
namespace {

using base::Result;
using base::systemError;
using base::UniqueFd;

// In the place of the old one, for those who read it meanwhile.
Result<void> replace(const std::string& path, const std::string& content) {
  const std::string fresh = path + ".tango";
  const UniqueFd file(
      ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!file) {
    return systemError(errno, "make " + fresh);
  }
  if (Result<void> written = base::writeAll(file.get(), content, fresh); !written) {
    return written;
  }
  if (::fchmod(file.get(), 0644) != 0 || ::rename(fresh.c_str(), path.c_str()) != 0) {
    return systemError(errno, "replace " + path);
  }
  return {};
}

}  // namespace

std::string withUser(std::string_view passwd, std::string_view name, uid_t id,
                     std::string_view home) {
  const std::string number = std::to_string(id);
  return std::string(name) + ":x:" + number + ":" + number + "::" + std::string(home) +
         ":/bin/sh\n" + std::string(passwd);
}

std::string withGroup(std::string_view group, std::string_view name, gid_t id) {
  return std::string(name) + ":x:" + std::to_string(id) + ":\n" + std::string(group);
}

Result<void> addUser(const std::string& etc_folder, std::string_view name, uid_t id,
                     std::string_view home) {
  const std::string passwd = etc_folder + "/passwd";
  const std::string group = etc_folder + "/group";
  const Result<void> added =
      replace(passwd, withUser(sandbox::readFileAt(AT_FDCWD, passwd.c_str()), name, id, home));
  return added ? replace(group, withGroup(sandbox::readFileAt(AT_FDCWD, group.c_str()), name, id))
               : added;
}

}  // namespace tango::autodriver
