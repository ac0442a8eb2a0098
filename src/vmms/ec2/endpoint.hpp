// Where EC2 is asked: a region, and the URL at which its API answers.
#pragma once

#include <map>
#include <string>

#include "base/result.hpp"

namespace tango::vmms::ec2 {

struct Endpoint {
  std::string region;
  std::string url;
  std::string host;  ///< as the Host header has it, with the port unless it is the scheme's own
  std::string path;  ///< with its query, if it has one
};

/// `configured`, or AWS_ENDPOINT_URL_EC2, or AWS_ENDPOINT_URL of `environment`, or the region's
/// own. kInvalid: no region, a region that is no name, or a URL that is none (said which).
base::Result<Endpoint> endpointFor(const std::string& region, const std::string& configured,
                                   const std::map<std::string, std::string>& environment);

}  // namespace tango::vmms::ec2
