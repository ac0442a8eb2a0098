// The files of a job, brought to the server: only what it does not have yet is sent.
#pragma once

#include <boost/json/array.hpp>

#include "base/result.hpp"
#include "model/input_file.hpp"
#include "tango/client/api_client.hpp"

namespace tango::client {

/// The `files` of POST /v1/jobs. On a terminal a bar shows how far it is. kInvalid also: a file
/// changed while it was being sent.
Result<boost::json::array> uploadFiles(ApiClient& api, const model::InputFiles& files);

}  // namespace tango::client
