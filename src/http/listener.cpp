#include "http/listener.hpp"

#include <algorithm>

#include <boost/asio/ip/v6_only.hpp>

namespace tango::http {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::ip::tcp;
using boost::system::error_code;

bool hasNoSuchAddress(const error_code& failure) {
  return failure == boost::asio::error::address_family_not_supported ||
         failure == boost::system::errc::address_not_available;
}

error_code listenAt(tcp::acceptor& acceptor, const tcp::endpoint& endpoint, bool beside_v4) {
  error_code failure;
  acceptor.open(endpoint.protocol(), failure);
  if (!failure) {
    acceptor.set_option(tcp::acceptor::reuse_address(true), failure);
  }
  if (!failure && beside_v4 && endpoint.address().is_v6()) {
    acceptor.set_option(boost::asio::ip::v6_only(true), failure);
  }
  if (!failure) {
    acceptor.bind(endpoint, failure);
  }
  if (!failure) {
    acceptor.listen(boost::asio::socket_base::max_listen_connections, failure);
  }
  return failure;
}

}  // namespace

Result<std::vector<tcp::acceptor>> listenOn(const boost::asio::any_io_executor& executor,
                                            const std::string& host, std::uint16_t port) {
  const auto failed = [&](ErrorKind kind, const error_code& failure) {
    return Error(kind,
                 "listen on " + host + " port " + std::to_string(port) + ": " + failure.message());
  };
  error_code failure;
  tcp::resolver resolver(executor);
  const auto found = resolver.resolve(host, std::to_string(port), tcp::resolver::passive, failure);
  if (failure) {
    return failed(ErrorKind::kInvalid, failure);
  }
  std::vector<tcp::acceptor> acceptors;
  std::vector<tcp::endpoint> endpoints;
  for (const auto& entry : found) {
    if (std::find(endpoints.begin(), endpoints.end(), entry.endpoint()) == endpoints.end()) {
      endpoints.push_back(entry.endpoint());
    }
  }
  for (tcp::endpoint endpoint : endpoints) {
    endpoint.port(acceptors.empty() ? port : acceptors.front().local_endpoint().port());
    tcp::acceptor acceptor(executor);
    failure = listenAt(acceptor, endpoint, endpoints.size() > 1);
    if (!failure) {
      acceptors.push_back(std::move(acceptor));
    } else if (!hasNoSuchAddress(failure)) {
      const bool taken = failure == boost::asio::error::address_in_use;
      return failed(taken ? ErrorKind::kExists : ErrorKind::kInvalid, failure);
    }
  }
  if (acceptors.empty()) {
    return failed(ErrorKind::kInvalid, failure);
  }
  return acceptors;
}

std::string clientAddress(const tcp::socket& socket) {
  error_code failure;
  const tcp::endpoint peer = socket.remote_endpoint(failure);
  if (failure) {
    return "";
  }
  const auto address = peer.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6())
        .to_string();
  }
  return address.to_string();
}

}  // namespace tango::http
