// One HTTP request after the other, for programs that have nothing else to do meanwhile.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "http/client.hpp"
#include "tango/client/sync_loop.hpp"

namespace tango::client {

using base::Result;

class SyncHttp {
 public:
  /// `ca_file`: PEM certificates that are trusted beside the system's; "": none. `loop` may run
  /// other things too.
  explicit SyncHttp(const std::string& ca_file,
                    std::shared_ptr<SyncLoop> loop = std::make_shared<SyncLoop>());
  SyncHttp(const SyncHttp&) = delete;
  SyncHttp& operator=(const SyncHttp&) = delete;

  /// As http::Client::send; kCancelled once interrupted.
  Result<http::ClientResponse> send(http::ClientRequest request);
  /// As those of the loop.
  Result<void> pause(std::chrono::milliseconds duration) { return loop_->pause(duration); }
  void interruptOnSignals() { loop_->interruptOnSignals(); }

 private:
  std::shared_ptr<SyncLoop> loop_;
  http::Client client_;
};

}  // namespace tango::client
