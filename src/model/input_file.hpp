// One file of a job.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace tango::model {

struct InputFile {
  /// Where the service reads it. A path of our own making (the store's, or the operator's own
  /// command line), never one that a client sent.
  std::filesystem::path local_file;
  /// Its name in the VM's working folder: one path component.
  std::string dest_file;
};

using InputFiles = std::vector<InputFile>;

}  // namespace tango::model
