// One connection of the client: TCP, TLS over it, or a local socket, behind one face.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "http/client.hpp"
#include "http/client_resolver.hpp"

namespace tango::http {

using ResponseParser = boost::beast::http::response_parser<boost::beast::http::buffer_body>;

/// One write and one read may be under way at once. All can be cancelled (terminal); the connection
/// is then of no use any more. It ends with its destructor, when nothing is under way.
class ClientConnection {
 public:
  using ErrorCode = boost::beast::error_code;

  ClientConnection() = default;
  ClientConnection(const ClientConnection&) = delete;
  ClientConnection& operator=(const ClientConnection&) = delete;
  virtual ~ClientConnection() = default;

  /// All of `bytes`, which outlive it.
  virtual awaitable<ErrorCode> write(std::string_view bytes) = 0;
  /// Until `parser` has the head, or some more of the body (see Beast's async_read_some).
  virtual awaitable<ErrorCode> readHead(ResponseParser& parser) = 0;
  virtual awaitable<ErrorCode> readSome(ResponseParser& parser) = 0;
  /// What comes next, at least a byte of it; what was read with the last head comes first.
  virtual awaitable<ErrorCode> readBytes(char* room, std::size_t size, std::size_t& got) = 0;
  /// Ends it: what is under way fails soon, and so does all that comes later.
  virtual void end() = 0;
  /// Nothing has come that nobody asked for: neither the peer's end nor stray bytes. False: not to
  /// be used for another request.
  [[nodiscard]] virtual bool isQuiet() = 0;

 protected:
  /// Of what a peer sends no more than this is held, whatever it calls it.
  static constexpr std::size_t kBufferMax = 1024 * 1024;
  boost::beast::flat_buffer buffer_{kBufferMax};
};

using ConnectionPtr = std::unique_ptr<ClientConnection>;

/// Trusts the system's certificates and those in `config.ca_file`, and shows the certificate in
/// `config.cert_file`. An error names the file, and has nothing of what is in it.
Result<std::unique_ptr<boost::asio::ssl::context>> tlsContext(const ClientConfig& config);

/// Connects to the first of the host's addresses that lets itself be connected to and that
/// `config.check_address` lets pass; with TLS (`tls` is set), the certificate must be the host's.
/// The error is that of the last address.
awaitable<Result<ConnectionPtr>> connectTo(Url url, const ClientConfig& config,
                                           const Resolver& resolver, boost::asio::ssl::context* tls,
                                           base::Deadline deadline);
awaitable<Result<ConnectionPtr>> connectToUnix(std::string path);
/// Over the socket that `connect` gives.
awaitable<Result<ConnectionPtr>> connectBy(std::function<awaitable<Result<LocalSocket>>()> connect);

}  // namespace tango::http
