#include "vmms/driven/driven_files.hpp"

#include <utility>

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
    Result<OpenInput> file = openInput(input);
    if (!file) {
      return file.error();
    }
    bytes += file->bytes;
    if (bytes > bytes_max) {
      return Error(ErrorKind::kTooLarge, "the files do not fit on the VM's disk");
    }
    opened.push_back({input.dest_file, std::move(file->fd), file->executable});
  }
  return opened;
}

}  // namespace tango::vmms::driven
