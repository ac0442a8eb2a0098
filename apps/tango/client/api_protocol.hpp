// What is sent to a server's /v1, and what its answers say; no input or output. Each failure is a
// sentence for the person who typed the command.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include <boost/json/object.hpp>

#include "base/result.hpp"
#include "http/client.hpp"
#include "tango/client/server_access.hpp"

namespace tango::client {

/// What there is of a job's output from some byte on.
struct OutputPiece {
  std::string bytes;
  bool final = false;            ///< the published file, of an ended job
  std::uint64_t head_bytes = 0;  ///< if final: the service's own lines at the file's beginning
  std::uint64_t total = 0;       ///< all there is by now
};

/// What a request for output waits for.
enum class Until { kNews, kEnd };

/// Errors of the answers: kNotFound: the server says that there is no such thing; kInvalid: the
/// server refused, or what answers is no Tango server; kSystem, kTimeout: it cannot be reached now,
/// or is in trouble; kCancelled: interrupted. The message names the server where it matters.
class ApiProtocol {
 public:
  explicit ApiProtocol(ServerAccess access) : access_(std::move(access)) {}

  /// `target` is the path and query, as in "/v1/jobs?limit=5". `wait`: how long the server is asked
  /// to wait with its answer.
  [[nodiscard]] http::ClientRequest request(const char* method, const std::string& target,
                                            std::chrono::seconds wait = {}) const;
  [[nodiscard]] http::ClientRequest jsonRequest(const char* method, const std::string& target,
                                                std::string body) const;
  [[nodiscard]] http::ClientRequest jobRequest(std::int64_t id, std::chrono::seconds wait) const;
  /// `wait`: for something at `offset`, or for the job's end alone.
  [[nodiscard]] http::ClientRequest outputRequest(std::int64_t id, std::uint64_t offset,
                                                  std::chrono::seconds wait,
                                                  Until until = Until::kNews) const;

  /// The answer, if its status is a good one.
  [[nodiscard]] Result<http::ClientResponse> answer(Result<http::ClientResponse> response) const;
  [[nodiscard]] Result<boost::json::object> jsonAnswer(Result<http::ClientResponse> response) const;
  /// The answer to the outputRequest with that offset.
  [[nodiscard]] Result<OutputPiece> outputAnswer(Result<http::ClientResponse> response,
                                                 std::uint64_t offset) const;

  [[nodiscard]] const ServerAccess& access() const { return access_; }

 private:
  [[nodiscard]] base::Error unreachable(const base::Error& error) const;
  [[nodiscard]] base::Error refusal(const http::ClientResponse& response) const;

  ServerAccess access_;
};

}  // namespace tango::client
