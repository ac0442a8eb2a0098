// AWS Signature Version 4: what proves to AWS who sent a request, and that nobody changed it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "aws/credentials.hpp"

namespace tango::aws {

struct ToSign {
  std::string method = "POST";
  std::string host;  ///< as the Host header has it: with the port, unless that is the scheme's own
  std::string path = "/";                                    ///< as it is sent
  std::string query;                                         ///< as it is sent, without '?'
  std::vector<std::pair<std::string, std::string>> headers;  ///< to be signed beside Host's
  std::string body;
  std::string region;
  std::string service;    ///< "ec2"
  std::int64_t time = 0;  ///< now, in seconds since 1970
};

/// The headers to send beside those of `request`: X-Amz-Date, X-Amz-Security-Token where there is a
/// token, and Authorization.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> signatureOf(
    const ToSign& request, const Credentials& credentials);

}  // namespace tango::aws
