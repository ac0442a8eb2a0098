// The server's /v1 as functions: each request waits for its answer, and each failure is a sentence
// for the person who typed the command.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include <boost/json/object.hpp>

#include "base/result.hpp"
#include "tango/client/server_access.hpp"
#include "tango/client/sync_http.hpp"

namespace tango::client {

/// What there is of a job's output from some byte on.
struct OutputPiece {
  std::string bytes;
  bool final = false;            ///< the published file, of an ended job
  std::uint64_t head_bytes = 0;  ///< if final: the service's own lines at the file's beginning
  std::uint64_t total = 0;       ///< all there is by now
};

/// Errors of all methods: kNotFound: the server says that there is no such thing; kInvalid: the
/// server refused, or what answers is no Tango server; kSystem, kTimeout: it cannot be reached now,
/// or is in trouble; kCancelled: interrupted. The message names the server where it matters.
class ApiClient {
 public:
  explicit ApiClient(ServerAccess access);

  /// `target` is the path and query, as in "/v1/jobs?limit=5". `wait`: how long the server was
  /// asked to wait with its answer.
  Result<boost::json::object> get(const std::string& target, std::chrono::seconds wait = {});
  Result<boost::json::object> post(const std::string& target, const boost::json::object& body);
  Result<boost::json::object> post(const std::string& target);
  Result<boost::json::object> put(const std::string& target, const boost::json::object& body);

  Result<boost::json::object> job(std::int64_t id, std::chrono::seconds wait = {});
  Result<OutputPiece> output(std::int64_t id, std::uint64_t offset, std::chrono::seconds wait = {});
  /// Sends the first `bytes` of the file `path` as the content with that hash. `on_sent` is told
  /// how many bytes have gone.
  Result<void> putBlob(const std::string& sha256, const std::string& path, std::uint64_t bytes,
                       std::function<void(std::uint64_t)> on_sent);

  [[nodiscard]] const std::string& url() const { return access_.url; }
  [[nodiscard]] SyncHttp& http() { return http_; }

 private:
  http::ClientRequest request(const char* method, const std::string& target) const;
  Result<http::ClientResponse> send(http::ClientRequest request);
  Result<boost::json::object> sendForJson(http::ClientRequest request);
  Result<boost::json::object> sendJson(const char* method, const std::string& target,
                                       const std::string& body);
  base::Error unreachable(const base::Error& error) const;
  base::Error refusal(const http::ClientResponse& response) const;

  ServerAccess access_;
  SyncHttp http_;
};

using http::percentEncoded;

}  // namespace tango::client
