// Which of the grader's files the student's command gets.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "student/options.hpp"

namespace tango::student {

/// Absolute paths of regular files, each once: the command and its arguments, as far as they name
/// one in a scratch folder, and what --file names, folders with all in them (but no links).
/// kNotFound, kInvalid, kTooLarge: about what --file names.
[[nodiscard]] base::Result<std::vector<std::string>> filesToGive(const Options& options);

/// Sends each, opened with the grader's rights, to the service.
[[nodiscard]] base::Result<void> sendFiles(int connection, const std::vector<std::string>& paths);

/// The paths that --fetch names, as the service knows them. kInvalid: one is not in a scratch
/// folder.
[[nodiscard]] base::Result<std::vector<std::string>> resultsToFetch(const Options& options);

/// Puts a result, which the service sends as `body` and `file`, where the grader wants it. The file
/// is new: nobody's links are followed.
[[nodiscard]] base::Result<void> takeResult(std::string_view body, const base::UniqueFd& file);

}  // namespace tango::student
