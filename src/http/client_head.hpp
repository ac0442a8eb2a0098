// The head of a request of the client: pure.
#pragma once

#include <cstdint>
#include <string>

#include "http/client.hpp"

namespace tango::http {

/// How many bytes of the body `part` is.
[[nodiscard]] std::uint64_t bytesOf(const BodyPart& part);

/// From the method to the empty line; with `protocol`, it asks to switch to that one. kInvalid
/// names the method, the protocol, or the header that would break out of its line or is the
/// client's to set.
Result<std::string> headOf(const ClientRequest& request, const Url& url,
                           const std::string& protocol = "");

}  // namespace tango::http
