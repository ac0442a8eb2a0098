// What a client asks for when it adds a job: checked for form, but not yet accepted.
#pragma once

#include <string>
#include <vector>

#include "model/limits.hpp"
#include "model/machine_spec.hpp"

namespace tango::model {

struct SubmittedFile {
  std::string local_file;  ///< its name in the courselab: one path component
  std::string dest_file;   ///< its name in the VM's working folder: one path component
  /// SHA-256 in lower-case hex of a file that the store has, instead of `local_file`'s content at
  /// this moment; "": the file that is uploaded under `local_file`.
  std::string sha256;

  friend bool operator==(const SubmittedFile&, const SubmittedFile&) = default;
};

struct Submission {
  std::string courselab;
  std::string name;
  std::string vmms;  ///< the VMMS's name; resolved before a job is stored, never ""
  MachineSpec machine;
  RunLimits limits;
  std::vector<SubmittedFile> files;
  std::string output_file;   ///< its name in the courselab: one path component
  std::string callback_url;  ///< "": none
  /// EC2's, "": none. Secrets: kept only until the job has ended, never shown or logged.
  std::string access_key_id;
  std::string access_key;
};

}  // namespace tango::model
