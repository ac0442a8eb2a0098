#include "vmms/input_source.hpp"

#include <cerrno>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/safe_path.hpp"

namespace tango::vmms {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::systemError;
using base::UniqueFd;
using model::InputFile;
using model::InputFiles;

Result<OpenInput> openInput(const InputFile& input) {
  UniqueFd file(::open(input.local_file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file) {
    const Error failure = systemError(errno, "open " + input.local_file.string());
    // kNotFound would say that there is no such VM.
    return failure.kind() == ErrorKind::kNotFound ? Error(ErrorKind::kInvalid, failure.message())
                                                  : failure;
  }
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) {
    return systemError(errno, "stat " + input.local_file.string());
  }
  if (!S_ISREG(status.st_mode)) {
    return Error(ErrorKind::kInvalid, input.local_file.string() + " is not a regular file");
  }
  return OpenInput{std::move(file), static_cast<std::uint64_t>(status.st_size),
                   (status.st_mode & S_IXUSR) != 0};
}

Result<void> checkInputNames(const InputFiles& files) {
  std::set<std::string_view> seen;
  for (const InputFile& input : files) {
    if (Result<void> named = base::checkComponent(input.dest_file, "input file"); !named) {
      return named;
    }
    if (!seen.insert(input.dest_file).second) {
      return Error(ErrorKind::kInvalid, "input file " + input.dest_file + " comes twice");
    }
  }
  return {};
}

}  // namespace tango::vmms
