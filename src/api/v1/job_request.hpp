// A job as a client asks for it in JSON: the schema JobRequest of openapi.json.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "api/v1/problem.hpp"
#include "config/service_config.hpp"
#include "model/submission.hpp"

namespace tango::api::v1 {

/// The most files that one job may have.
inline constexpr std::size_t kJobFilesMax = 1000;

/// Reads `document` over the configuration's defaults. `output_file` stays "" if it is left out.
/// `files_needed`: the field "files" may not be left out.
[[nodiscard]] OrProblem<model::Submission> readJobRequest(const boost::json::value& document,
                                                          const config::ServiceConfig& config,
                                                          bool files_needed);

/// "NAME-SUFFIX.out", with what cannot stand in a file name replaced, and cut where it is too long.
[[nodiscard]] std::string outputFileFor(std::string_view job_name, std::string_view suffix);

}  // namespace tango::api::v1
