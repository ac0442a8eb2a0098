// Requests of Tango's wire: each is sent, said, and its answer printed and judged.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "tango-cli/options.hpp"
#include "tango/client/sync_http.hpp"

namespace tango::cli {

using base::Result;

/// One request. Its path is /VERB/KEY/SEGMENTS.../
struct WireRequest {
  std::string method = "GET";
  std::string verb;
  std::vector<std::string> segments;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string file;     ///< a file's path: its content is the body
  std::string details;  ///< said behind the request; without secrets
  std::chrono::seconds patience{30};
};

class WireClient {
 public:
  explicit WireClient(const Options& options);

  /// Whether a Tango answers there.
  Result<void> check();
  /// "Sent request to ..." and the answer on stdout. Errors: it could not be sent, or the answer is
  /// a failure; the message is the server's.
  Result<void> send(const WireRequest& request);

 private:
  Result<http::ClientRequest> httpRequest(const WireRequest& request) const;

  std::string host_and_port_;
  std::string origin_;
  std::string key_;
  client::SyncHttp http_;
};

}  // namespace tango::cli
