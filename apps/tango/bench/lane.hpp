// One kept connection to the server, and the few requests that jobs need.
#pragma once

#include <cstdint>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>

#include "base/result.hpp"
#include "http/client.hpp"
#include "tango/client/api_protocol.hpp"

namespace tango::bench {

using base::Result;
using boost::asio::awaitable;

/// One request at a time. Errors are those of client::ApiProtocol. All can be cancelled.
class Lane {
 public:
  /// `protocol` is borrowed.
  Lane(const boost::asio::any_io_executor& executor, const client::ApiProtocol& protocol);

  /// Adds the job whose request `body` is; its id.
  awaitable<Result<std::int64_t>> addJob(std::string body);
  /// The job as it is now.
  awaitable<Result<boost::json::object>> job(std::int64_t id);
  /// The job once it has ended.
  awaitable<Result<boost::json::object>> endedJob(std::int64_t id);
  /// The job's output once it has ended, without the service's own lines.
  awaitable<Result<std::string>> output(std::int64_t id);

 private:
  awaitable<Result<boost::json::object>> sendForJson(http::ClientRequest request);

  const client::ApiProtocol& protocol_;
  http::Client client_;
};

}  // namespace tango::bench
