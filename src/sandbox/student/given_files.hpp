// The files that a grader gives to its student's command, on their way into the command's own
// scratch folders (nothing of the student's runs yet), and those that it wants back.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "sandbox/spec.hpp"

namespace tango::sandbox {

// Where a command does not see its scratch folders at their own paths, `root` is the folder that
// they are in.

/// Makes the folder `path`, absolute and in one of kScratchFolders, and those above it that are
/// missing; all that it makes are `owner`'s. kInvalid: it lies elsewhere, or is not in plain form.
base::Result<base::UniqueFd> makeGivenFolder(std::string_view path, JobUser owner,
                                             const std::string& root = "");

/// Copies one file: `body` is an encoded FileHeader whose name is an absolute path, `file` its open
/// source. kTooLarge: it does not fit.
base::Result<void> placeGivenFile(std::string_view body, const base::UniqueFd& file, JobUser owner,
                                  const std::string& root = "");

/// A regular file that the command left at `path`, opened for reading; none if there is no such
/// one. The command and all that it started are dead, but what it made is hostile: links are not
/// followed.
[[nodiscard]] base::UniqueFd openResult(const std::string& path, const std::string& root = "");

}  // namespace tango::sandbox
