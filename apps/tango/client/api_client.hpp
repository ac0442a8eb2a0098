// The server's /v1 as functions: each request waits for its answer, and each failure is a sentence
// for the person who typed the command.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <boost/json/object.hpp>

#include "base/result.hpp"
#include "tango/client/api_protocol.hpp"
#include "tango/client/server_access.hpp"
#include "tango/client/sync_http.hpp"

namespace tango::client {

/// Errors of all methods: those of ApiProtocol.
class ApiClient {
 public:
  /// `loop` may run other things too.
  explicit ApiClient(ServerAccess access,
                     std::shared_ptr<SyncLoop> loop = std::make_shared<SyncLoop>());

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

  [[nodiscard]] const std::string& url() const { return protocol_.access().url; }
  [[nodiscard]] const ApiProtocol& protocol() const { return protocol_; }
  [[nodiscard]] SyncHttp& http() { return http_; }

 private:
  Result<boost::json::object> sendForJson(http::ClientRequest request);

  ApiProtocol protocol_;
  SyncHttp http_;
};

using http::percentEncoded;

}  // namespace tango::client
