// A client and the thread of a service that has it, for tests.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "http/client.hpp"
#include "support/run_on.hpp"

namespace tango::test {

/// Long enough for a test that must not depend on it.
inline constexpr std::chrono::milliseconds kPatient{120'000};

class Asking {
 public:
  explicit Asking(http::ClientConfig config = {})
      : client_(context_.get_executor(), std::move(config)) {}

  base::Result<http::ClientResponse> send(http::ClientRequest request) {
    return runOn(context_, client_.send(std::move(request)));
  }
  base::Result<http::Upgraded> upgrade(http::ClientRequest request,
                                       const std::string& protocol = "tcp") {
    return runOn(context_, client_.upgrade(std::move(request), protocol));
  }
  base::Result<http::ClientResponse> get(const std::string& url) { return send(to(url)); }

  static http::ClientRequest to(const std::string& url, const std::string& method = "GET") {
    http::ClientRequest request;
    request.method = method;
    request.url = url;
    request.timeout = kPatient;
    return request;
  }

  [[nodiscard]] boost::asio::io_context& context() { return context_; }

 private:
  boost::asio::io_context context_;
  http::Client client_;
};

/// A body of more bytes than the buffers between two sockets hold.
inline std::vector<http::BodyPart> largeBody() {
  std::vector<http::BodyPart> parts(4);
  for (http::BodyPart& each : parts) {
    each.bytes.assign(8'000'000, 'b');
  }
  return parts;
}

/// A client that takes every host name for `addresses`.
inline http::ClientConfig takingAllFor(std::vector<std::string> addresses) {
  http::ClientConfig config;
  config.look_up = [addresses = std::move(addresses)](const std::string&) {
    std::vector<boost::asio::ip::address> all;
    for (const std::string& each : addresses) {
      all.push_back(boost::asio::ip::make_address(each));
    }
    return base::Result<std::vector<boost::asio::ip::address>>(std::move(all));
  };
  return config;
}

}  // namespace tango::test
