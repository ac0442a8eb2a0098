#include "vmms/driven/driven_files.hpp"

#include <cerrno>
#include <utility>

#include <sys/stat.h>

#include "vmms/input_source.hpp"

namespace tango::vmms::driven {

using base::Error;
using base::ErrorKind;
using base::Result;
using model::InputFiles;

Result<std::vector<DrivenFile>> openFiles(const InputFiles& files, std::uint64_t bytes_max) {
  if (const Result<void> named = checkInputNames(files); !named) {
    return named.error();
  }
  std::vector<DrivenFile> opened;
  std::uint64_t bytes = 0;
  for (const model::InputFile& input : files) {
    Result<base::UniqueFd> file = openInput(input);
    struct stat about{};
    if (!file) {
      return file.error();
    }
    if (::fstat(file->get(), &about) != 0) {
      return base::systemError(errno, "stat " + input.dest_file);
    }
    bytes += static_cast<std::uint64_t>(about.st_size);
    if (bytes > bytes_max) {
      return Error(ErrorKind::kTooLarge, "the files do not fit on the VM's disk");
    }
    const bool executable = isExecutable(file->get());
    opened.push_back({input.dest_file, *std::move(file), executable});
  }
  return opened;
}

}  // namespace tango::vmms::driven
