#include "tango-cli/run_job.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace tango::cli {
namespace {

using base::Error;
using base::ErrorKind;
namespace fs = std::filesystem;

constexpr const char* kMakefile = "Makefile";
constexpr const char* kAutogradeMakefile = "autograde-Makefile";
constexpr const char* kHandin = "handin.tgz";

Result<std::vector<FolderFile>> listed(const std::string& folder) {
  std::vector<FolderFile> files;
  std::error_code failure;
  for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    std::error_code unreadable;
    if (entry->is_regular_file(unreadable)) {
      const std::string name = entry->path().filename();
      files.push_back({entry->path(), name, name});
    }
  }
  if (failure) {
    return Error(ErrorKind::kNotFound, "read folder " + folder + ": " + failure.message());
  }
  std::ranges::sort(files, {}, &FolderFile::name);
  return files;
}

FolderFile* named(std::vector<FolderFile>& files, std::string_view name) {
  const auto found = std::ranges::find(files, name, &FolderFile::name);
  return found == files.end() ? nullptr : &*found;
}

/// The only file that has `word` in its name, or nothing.
FolderFile* onlyWith(std::vector<FolderFile>& files, std::string_view word) {
  FolderFile* only = nullptr;
  for (FolderFile& file : files) {
    if (file.name.find(word) == std::string::npos) {
      continue;
    }
    if (only != nullptr) {
      return nullptr;
    }
    only = &file;
  }
  return only;
}

}  // namespace

Result<std::vector<FolderFile>> filesOf(const std::string& folder) {
  Result<std::vector<FolderFile>> files = listed(folder);
  if (!files) {
    return files;
  }
  if (FolderFile* autograde = named(*files, kAutogradeMakefile)) {
    autograde->dest_file = kMakefile;
    std::erase_if(*files, [](const FolderFile& file) { return file.name == kMakefile; });
  } else if (named(*files, kMakefile) == nullptr) {
    FolderFile* makefile = onlyWith(*files, kMakefile);
    if (makefile == nullptr) {
      return Error(ErrorKind::kInvalid, folder +
                                            " has no Makefile, or no telling which it is: "
                                            "call it Makefile or autograde-Makefile");
    }
    makefile->dest_file = kMakefile;
  }
  if (FolderFile* handin = onlyWith(*files, kHandin)) {
    handin->dest_file = kHandin;
  }
  return files;
}

Result<void> runFolder(const Options& options, WireClient& wire, const RunJobSteps& steps) {
  const Result<std::vector<FolderFile>> files = filesOf(options.run_job);
  if (!files) {
    return files.error();
  }
  for (int number = 1; number <= options.num_jobs; ++number) {
    std::printf("---------- STARTING JOB %d ----------\n---------- OPEN\n", number);
    Options job = options;
    job.job_name += "-" + std::to_string(number);
    job.output_file += "-" + std::to_string(number);
    job.infiles.clear();
    Result<void> done = steps.open(job, wire);
    std::puts("---------- UPLOAD");
    for (const FolderFile& file : *files) {
      job.infiles.push_back(boost::json::serialize(
          boost::json::object{{"localFile", file.name}, {"destFile", file.dest_file}}));
      job.filename = file.path;
      if (done) {
        done = steps.upload(job, wire);
      }
    }
    if (done) {
      std::puts("---------- ADDJOB");
      done = steps.add_job(job, wire);
    }
    if (!done) {
      return done;
    }
  }
  return {};
}

}  // namespace tango::cli
