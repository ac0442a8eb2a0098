// What EC2 tells a program about the instance that it runs on (IMDSv2): the credentials of its role
// and its region.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
#pragma once

#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "aws/credential_source.hpp"
#include "base/result.hpp"
#include "http/client.hpp"

namespace tango::aws {

class InstanceMetadata {
 public:
  /// Of `sources`: AWS_EC2_METADATA_DISABLED and AWS_EC2_METADATA_SERVICE_ENDPOINT.
  InstanceMetadata(const boost::asio::any_io_executor& executor, const CredentialSources& sources);

  /// The role's credentials. Absent: this is no instance of EC2, it has no role, or the metadata is
  /// turned off; found out within some seconds. kSystem: it is there, but gave no answer that is of
  /// use, and another attempt may succeed; kInvalid: it says that the role is not to be had, or its
  /// endpoint is no URL. Can be cancelled; this must outlive it.
  boost::asio::awaitable<base::Result<Given>> credentials();

  /// "": not known.
  boost::asio::awaitable<std::string> region();

 private:
  boost::asio::awaitable<base::Result<http::ClientResponse>> ask(
      std::string method, std::string path, std::pair<std::string, std::string> header);
  boost::asio::awaitable<base::Result<http::ClientResponse>> get(std::string path,
                                                                 std::string token);
  boost::asio::awaitable<base::Result<std::string>> token();
  boost::asio::awaitable<base::Result<Given>> ofRole(std::string role, std::string token);
  [[nodiscard]] Given none(const std::string& why) const;

  http::Client client_;
  bool disabled_ = false;
  std::string endpoint_;  ///< without a slash at its end
  bool seen_ = false;     ///< it has given a token once: then it is there
};

}  // namespace tango::aws
