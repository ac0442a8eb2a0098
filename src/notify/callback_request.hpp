// A callback as an HTTP request.
#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "http/client.hpp"
#include "store/job_store.hpp"

namespace tango::notify {

/// All of a file, as a part of a request's body.
base::Result<http::BodyPart> wholeFile(base::UniqueFd file);

/// `POST url`, multipart/form-data with one part, `name="file"; filename="file"`, which is `output`
/// byte for byte, and a header `Filename` with the output file's name: as Tango's front ends know
/// it. kInvalid: the URL cannot be called, or the name cannot stand in a header.
base::Result<http::ClientRequest> requestOf(const store::Callback& callback, http::BodyPart output,
                                            base::Millis timeout);

/// `HOST:PORT` of a callback's URL: all of it that is not secret. "": it cannot be called.
[[nodiscard]] std::string hostOf(const std::string& url);

}  // namespace tango::notify
