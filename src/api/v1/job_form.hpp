// A job with its files in one request, multipart/form-data: each file goes to the store of contents
// as it comes in, so that memory stays flat.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "api/service.hpp"
#include "api/v1/problem.hpp"
#include "http/message.hpp"
#include "model/submission.hpp"

namespace tango::api::v1 {

struct JobForm {
  std::string job;                          ///< the part "job": JSON
  std::vector<model::SubmittedFile> files;  ///< the parts with a filename, in their order
};

/// Reads all of `body`; `content_type` is the request's. What was kept before a problem showed is
/// noted as content without a use, and forgotten after its hour.
boost::asio::awaitable<OrProblem<JobForm>> readJobForm(const Service& service,
                                                       http::BodyReader& body,
                                                       std::string_view content_type);

}  // namespace tango::api::v1
