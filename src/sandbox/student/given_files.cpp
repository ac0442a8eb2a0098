#include "sandbox/student/given_files.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/copy_bytes.hpp"
#include "base/safe_path.hpp"
#include "sandbox/protocol.hpp"
#include "sandbox/student/messages.hpp"

namespace tango::sandbox {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::systemError;
using base::UniqueFd;

Result<UniqueFd> enterOrMake(const UniqueFd& parent, const std::string& name, JobUser owner) {
  if (Result<void> plain = base::checkComponent(name, "path"); !plain) {
    return plain.error();
  }
  const bool made = ::mkdirat(parent.get(), name.c_str(), 0755) == 0;
  if (!made && errno != EEXIST) {
    return systemError(errno, "mkdir " + name);
  }
  UniqueFd folder(
      ::openat(parent.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder || (made && ::fchown(folder.get(), owner.uid, owner.gid) != 0)) {
    return systemError(errno, "enter " + name);
  }
  return folder;
}

}  // namespace

Result<UniqueFd> makeGivenFolder(std::string_view path, JobUser owner, const std::string& root) {
  const std::string_view scratch = scratchFolderOf(path);
  if (scratch.empty()) {
    return Error(ErrorKind::kInvalid,
                 "'" + std::string(path) + "' is not in /home, /tmp, /var/tmp or /dev/shm");
  }
  Result<UniqueFd> folder = base::openDirectory((root + std::string(scratch)).c_str());
  std::string_view rest = path.substr(scratch.size());
  while (folder && !rest.empty()) {
    rest.remove_prefix(1);
    const std::string_view name = rest.substr(0, rest.find('/'));
    folder = enterOrMake(*folder, std::string(name), owner);
    rest.remove_prefix(name.size());
  }
  return folder;
}

Result<void> placeGivenFile(std::string_view body, const UniqueFd& file, JobUser owner,
                            const std::string& root) {
  const Result<FileHeader> header = decodeFileHeader(body);
  if (!header) {
    return header.error();
  }
  struct stat source{};
  if (!file || ::fstat(file.get(), &source) != 0 || !S_ISREG(source.st_mode)) {
    return Error(ErrorKind::kInvalid, "'" + header->name + "' is not a regular file");
  }
  const std::size_t slash = header->name.rfind('/');
  if (slash == std::string::npos || slash == 0) {
    return Error(ErrorKind::kInvalid, "'" + header->name + "' is not a path to give a file to");
  }
  const std::string name = header->name.substr(slash + 1);
  if (Result<void> plain = base::checkComponent(name, "path"); !plain) {
    return plain;
  }
  const Result<UniqueFd> folder =
      makeGivenFolder(std::string_view(header->name).substr(0, slash), owner, root);
  if (!folder) {
    return folder.error();
  }
  const UniqueFd copy(::openat(folder->get(), name.c_str(),
                               O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
                               header->executable ? 0755 : 0644));
  if (!copy || ::fchown(copy.get(), owner.uid, owner.gid) != 0) {
    return systemError(errno, "create " + header->name);
  }
  return base::copyBytes(file.get(), copy.get(), header->name);
}

UniqueFd openResult(const std::string& path, const std::string& root) {
  const std::string scratch(scratchFolderOf(path));
  if (scratch.empty() || path.size() < scratch.size() + 2) {
    return {};
  }
  const Result<UniqueFd> folder = base::openDirectory((root + scratch).c_str());
  // O_NONBLOCK: opening a FIFO would wait for a writer.
  Result<UniqueFd> file = folder
                              ? base::openNoLinks(folder->get(), path.c_str() + scratch.size() + 1,
                                                  O_RDONLY | O_NONBLOCK | O_NOCTTY)
                              : Result<UniqueFd>(folder.error());
  struct stat about{};
  const bool regular = file && ::fstat(file->get(), &about) == 0 && S_ISREG(about.st_mode);
  return regular ? *std::move(file) : UniqueFd();
}

}  // namespace tango::sandbox
