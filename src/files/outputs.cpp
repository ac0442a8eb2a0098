#include "files/outputs.hpp"

#include <cerrno>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder.hpp"
#include "base/safe_path.hpp"
#include "files/own_folder.hpp"

namespace tango::files {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::systemError;
using base::UniqueFd;

constexpr std::int64_t kJobsPerFolder = 1000;

std::string folderOf(std::int64_t job_id) {
  std::string number = std::to_string(job_id / kJobsPerFolder);
  return number.size() < 6 ? std::string(6 - number.size(), '0') + number : number;
}

std::string placeOf(std::int64_t job_id) {
  return folderOf(job_id) + "/" + std::to_string(job_id);
}

Result<void> sweepFolder(int outputs_fd, const std::string& name) {
  const Result<UniqueFd> folder =
      base::openNoLinks(outputs_fd, name.c_str(), O_RDONLY | O_DIRECTORY);
  if (!folder) {
    return folder.error();
  }
  const Result<std::vector<std::string>> files = base::namesIn(folder->get());
  if (!files) {
    return files.error().during("sweep the outputs in " + name);
  }
  for (const std::string& file : *files) {
    if (file.starts_with(OutputFile::kTemporaryPrefix) &&
        ::unlinkat(folder->get(), file.c_str(), 0) != 0) {
      return systemError(errno, "remove the half-written output " + file);
    }
  }
  return {};
}

}  // namespace

Outputs::Outputs(UniqueFd folder) : folder_(std::move(folder)) {}

Result<std::unique_ptr<Outputs>> Outputs::openIn(int data_folder_fd) {
  Result<UniqueFd> folder = ownFolder(data_folder_fd, "outputs");
  if (!folder) {
    return folder.error();
  }
  const Result<std::vector<std::string>> names = base::namesIn(folder->get());
  if (!names) {
    return names.error().during("sweep the outputs");
  }
  for (const std::string& name : *names) {
    // Only an empty folder goes: all its jobs are forgotten.
    if (::unlinkat(folder->get(), name.c_str(), AT_REMOVEDIR) == 0) {
      continue;
    }
    if (const Result<void> swept = sweepFolder(folder->get(), name); !swept) {
      return swept.error();
    }
  }
  return std::unique_ptr<Outputs>(new Outputs(*std::move(folder)));
}

Result<std::unique_ptr<PendingOutput>> Outputs::create(std::int64_t job_id) {
  if (job_id <= 0) {
    return Error(ErrorKind::kInvalid, "there is no job " + std::to_string(job_id));
  }
  Result<UniqueFd> folder = ownFolder(folder_.get(), folderOf(job_id));
  if (!folder) {
    return folder.error();
  }
  Result<OutputFile> file = OutputFile::create(folder->get(), std::to_string(job_id));
  if (!file) {
    return file.error();
  }
  return std::make_unique<PendingOutput>(*std::move(folder), *std::move(file));
}

Result<UniqueFd> Outputs::open(std::int64_t job_id) const {
  Result<UniqueFd> file = base::openNoLinks(folder_.get(), placeOf(job_id).c_str(), O_RDONLY);
  if (!file && file.error().kind() == ErrorKind::kNotFound) {
    return Error(ErrorKind::kNotFound,
                 "job " + std::to_string(job_id) + " has no published output");
  }
  return file;
}

Result<void> Outputs::remove(std::int64_t job_id) {
  if (::unlinkat(folder_.get(), placeOf(job_id).c_str(), 0) != 0 && errno != ENOENT) {
    return systemError(errno, "remove the output of job " + std::to_string(job_id));
  }
  return {};
}

}  // namespace tango::files
