#include "tango/bench/job_files.hpp"

#include <fstream>
#include <system_error>

#include "tango/job_folder.hpp"

namespace tango::bench {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
namespace fs = std::filesystem;

constexpr const char* kHello = "all:\n\t@echo hello\n";

Error failed(const std::error_code& failure, const std::string& what) {
  return {ErrorKind::kInvalid, what + ": " + failure.message()};
}

Result<void> writeMakefile(const fs::path& to, const std::string& from) {
  if (from.empty()) {
    std::ofstream(to, std::ios::binary) << kHello;
    return {};
  }
  std::error_code failure;
  if (!fs::is_regular_file(from, failure)) {
    return Error(ErrorKind::kInvalid, "--makefile: there is no file " + from);
  }
  fs::copy_file(from, to, failure);
  return failure ? failed(failure, "--makefile: copy " + from) : Result<void>();
}

}  // namespace

Result<model::InputFiles> jobFiles(const fs::path& into, const std::string& makefile,
                                   const std::vector<std::string>& more) {
  std::error_code failure;
  fs::create_directory(into, failure);
  if (failure) {
    return failed(failure, "make the folder " + into.string());
  }
  if (const Result<void> written = writeMakefile(into / "Makefile", makefile); !written) {
    return written.error();
  }
  Result<model::InputFiles> files = app::inputsOf(into, more, [](const std::string&) {});
  if (!files) {
    return files.error().during("--file");
  }
  for (model::InputFile& file : *files) {
    const fs::path copy = into / file.dest_file;
    if (file.local_file != copy) {
      fs::copy_file(file.local_file, copy, fs::copy_options::overwrite_existing, failure);
      if (failure) {
        return failed(failure, "--file: copy " + file.local_file.string());
      }
      file.local_file = copy;
    }
  }
  return files;
}

}  // namespace tango::bench
