#include "tango/client/sync_http.hpp"

#include <utility>

namespace tango::client {
namespace {

http::ClientConfig trusting(const std::string& ca_file) {
  http::ClientConfig config;
  config.ca_file = ca_file;
  return config;
}

}  // namespace

SyncHttp::SyncHttp(const std::string& ca_file, std::shared_ptr<SyncLoop> loop)
    : loop_(std::move(loop)), client_(loop_->executor(), trusting(ca_file)) {}

Result<http::ClientResponse> SyncHttp::send(http::ClientRequest request) {
  return loop_->run(client_.send(std::move(request)));
}

}  // namespace tango::client
