// The head of a request of the client: pure.
#pragma once

#include <cstdint>
#include <string>

#include "http/client.hpp"

namespace tango::http {

/// How many bytes of the body `part` is.
[[nodiscard]] std::uint64_t bytesOf(const BodyPart& part);

/// From the method to the empty line. kInvalid names the method or the header that would break out
/// of its line, or that is the client's to set.
Result<std::string> headOf(const ClientRequest& request, const Url& url);

}  // namespace tango::http
