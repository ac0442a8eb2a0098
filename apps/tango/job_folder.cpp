#include "tango/job_folder.hpp"

#include <cerrno>
#include <map>
#include <system_error>

#include <unistd.h>

#include "base/safe_path.hpp"

namespace tango::app {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
namespace fs = std::filesystem;

constexpr const char* kMakefile = "Makefile";
constexpr const char* kAutogradeMakefile = "autograde-Makefile";

// By the name that the file has in the job.
using Inputs = std::map<std::string, fs::path>;

Result<void> checkReadable(const fs::path& path) {
  std::error_code failure;
  const fs::file_status status = fs::status(path, failure);
  if (!fs::exists(status)) {
    return Error(ErrorKind::kNotFound, "there is no file " + path.string());
  }
  if (!fs::is_regular_file(status)) {
    return Error(ErrorKind::kInvalid,
                 path.string() +
                     " is not a regular file; a job's inputs are files (pack a folder "
                     "into a tarball, and unpack it in the Makefile)");
  }
  if (::access(path.c_str(), R_OK) != 0) {
    return base::systemError(errno, "read " + path.string());
  }
  return {};
}

Result<void> addFolder(Inputs& inputs, const fs::path& folder,
                       const std::function<void(const std::string&)>& left_out) {
  std::error_code failure;
  if (!fs::is_directory(folder, failure)) {
    return Error(ErrorKind::kNotFound, "there is no folder " + folder.string() +
                                           "; name the folder that has the job's Makefile in it");
  }
  for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    std::error_code unreadable;
    if (!entry->is_regular_file(unreadable)) {
      left_out(entry->path().string());
      continue;
    }
    if (Result<void> readable = checkReadable(entry->path()); !readable) {
      return readable;
    }
    inputs[entry->path().filename().string()] = entry->path();
  }
  if (failure) {
    return Error(ErrorKind::kSystem, "read folder " + folder.string() + ": " + failure.message());
  }
  return {};
}

Result<void> addExtra(Inputs& inputs, const std::string& argument) {
  std::string name = fs::path(argument).filename().string();
  fs::path path = argument;
  const std::size_t equals = argument.find('=');
  std::error_code ignored;
  if (equals != std::string::npos && !fs::exists(path, ignored)) {
    name = argument.substr(0, equals);
    path = argument.substr(equals + 1);
  }
  if (Result<void> named = base::checkComponent(name, "input file"); !named) {
    return named;
  }
  if (Result<void> readable = checkReadable(path); !readable) {
    return readable;
  }
  inputs[name] = path;
  return {};
}

}  // namespace

Result<model::InputFiles> inputsOf(const fs::path& folder, const std::vector<std::string>& extra,
                                   const std::function<void(const std::string&)>& left_out) {
  Inputs inputs;
  if (const Result<void> added = addFolder(inputs, folder, left_out); !added) {
    return added.error();
  }
  if (auto autograde = inputs.extract(kAutogradeMakefile)) {
    inputs[kMakefile] = autograde.mapped();
  }
  for (const std::string& argument : extra) {
    if (const Result<void> added = addExtra(inputs, argument); !added) {
      return added.error();
    }
  }
  if (!inputs.contains(kMakefile)) {
    return Error(ErrorKind::kInvalid,
                 folder.string() +
                     " has no Makefile: a job is a folder with a file Makefile (or "
                     "autograde-Makefile) whose default target does the grading");
  }
  model::InputFiles files;
  for (const auto& [name, path] : inputs) {
    files.push_back({path, name});
  }
  return files;
}

}  // namespace tango::app
