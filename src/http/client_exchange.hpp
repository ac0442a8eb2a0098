// One request and its answer over one connection.
#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>

#include "http/client.hpp"
#include "http/client_connection.hpp"

namespace tango::http {

struct Exchange {
  Result<ClientResponse> response;
  /// The connection may be used for another request.
  bool reusable = false;
  /// The peer had ended the connection before any byte of an answer came.
  bool ended = false;
  /// All of the request was sent.
  bool sent = false;
};

/// Sends `head` and the request's body, and reads the answer; the sending stops when an answer
/// comes before it is done. All of it is bounded in memory, and in time only by being cancelled
/// (terminal). The arguments outlive it.
awaitable<Exchange> exchange(ClientConnection& connection, const ClientRequest& request,
                             const std::string& head);

}  // namespace tango::http
