#include "sandbox/pid1/file_intake.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/copy_bytes.hpp"
#include "base/safe_path.hpp"
#include "sandbox/parts/mounts.hpp"
#include "sandbox/protocol.hpp"

namespace tango::sandbox {

using base::Error;
using base::ErrorKind;
using base::systemError;

Result<void> FileIntake::open(JobUser owner) {
  owner_ = owner;
  Result<UniqueFd> folder = base::openDirectory(kWorkFolder);
  if (!folder) {
    return folder.error();
  }
  folder_ = *std::move(folder);
  return {};
}

void FileIntake::take(std::string_view body, UniqueFd file) {
  if (result_) {
    result_ = copy(body, file);
  }
}

Result<void> FileIntake::copy(std::string_view body, const UniqueFd& file) {
  const Result<FileHeader> header = decodeFileHeader(body);
  if (!header) {
    return header.error();
  }
  if (Result<void> named = base::checkComponent(header->name, "input file"); !named) {
    return named;
  }
  const mode_t mode = header->executable ? 0755 : 0644;
  const UniqueFd copy(::openat(folder_.get(), header->name.c_str(),
                               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!copy) {
    return errno == EEXIST
               ? Error(ErrorKind::kInvalid, "input file " + header->name + " comes twice")
               : systemError(errno, "create " + header->name);
  }
  if (::fchown(copy.get(), owner_.uid, owner_.gid) != 0) {
    return systemError(errno, "chown " + header->name);
  }
  return base::copyBytes(file.get(), copy.get(), header->name);
}

}  // namespace tango::sandbox
