// The sockets that a server listens on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/result.hpp"

namespace tango::http {

/// One for each address of `host` that this machine has (a name can have one of either kind), all
/// on the same port; port 0: any free one. kInvalid: no such address; kExists: the port is taken.
base::Result<std::vector<boost::asio::ip::tcp::acceptor>> listenOn(
    const boost::asio::any_io_executor& executor, const std::string& host, std::uint16_t port);

/// The peer's IP address; an IPv4 one that came over an IPv6 socket is shown as such.
[[nodiscard]] std::string clientAddress(const boost::asio::ip::tcp::socket& socket);

}  // namespace tango::http
