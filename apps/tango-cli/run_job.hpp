// --runJob: all files of a folder as one job, or as many.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "tango-cli/options.hpp"
#include "tango-cli/wire_client.hpp"

namespace tango::cli {

struct FolderFile {
  std::string path;
  std::string name;       ///< in the folder, and in the courselab
  std::string dest_file;  ///< in the VM
};

/// The regular files of `folder`, by name. One is the job's Makefile: `autograde-Makefile`, or else
/// the file `Makefile`, or else the only one that has that word in its name; the only one with
/// `handin.tgz` in its name is handin.tgz. A lab's own Makefile beside `autograde-Makefile` is left
/// out. kInvalid: there is no Makefile, or no telling which.
Result<std::vector<FolderFile>> filesOf(const std::string& folder);

/// The verbs that a run is made of.
struct RunJobSteps {
  Result<void> (*open)(const Options&, WireClient&);
  Result<void> (*upload)(const Options&, WireClient&);
  Result<void> (*add_job)(const Options&, WireClient&);
};

/// Adds jobs NAME-1 to NAME-N with outputs OUTPUT-1 to OUTPUT-N; ends at the first failure.
Result<void> runFolder(const Options& options, WireClient& wire, const RunJobSteps& steps);

}  // namespace tango::cli
