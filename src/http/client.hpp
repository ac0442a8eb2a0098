// An HTTP client: one request, one answer. http and https (TLS 1.2 or later; certificates and host
// names are always verified), and unix sockets.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include "async/byte_stream.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace tango::http {

using base::Result;
using boost::asio::awaitable;

/// A piece of a body: bytes, or (if `file` is open) `file_bytes` of a file from `file_offset`.
struct BodyPart {
  std::string bytes;
  base::UniqueFd file;
  std::uint64_t file_offset = 0;
  std::uint64_t file_bytes = 0;
};

struct ClientResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  std::string body;
  /// The first header of that (lower-case) name, or "".
  [[nodiscard]] std::string header(std::string_view name) const;
};

struct ClientRequest {
  std::string method = "GET";
  std::string url;  ///< absolute: http://HOST[:PORT]/PATH?QUERY or https://...
  /// Connect to this unix socket, without TLS, instead of the URL's host; "": don't.
  std::string unix_socket;
  /// Not Host, Connection, Upgrade, Content-Length or Transfer-Encoding: those are the client's. A
  /// control character in one is kInvalid.
  std::vector<std::pair<std::string, std::string>> headers;
  /// Sent one after the other; Content-Length is their sum. The files are read as they are sent.
  std::vector<BodyPart> body;
  std::chrono::milliseconds timeout{30'000};  ///< for all of it
  /// More of an answer's body is kTooLarge.
  std::uint64_t answer_bytes_max = 64ULL * 1024 * 1024;
  /// If set, gets the answer's body piece by piece instead of `ClientResponse::body`.
  std::function<Result<void>(std::string_view piece)> on_body;
  /// If set, told how many bytes of the body have been sent; begins anew where it is sent again.
  std::function<void(std::uint64_t bytes)> on_sent;
  /// If set, told the answer's status and headers before its body comes; an error ends the request
  /// with it. For who goes by the status, whatever then becomes of the body.
  std::function<Result<void>(const ClientResponse& head)> on_head;
};

/// An answer of 101 (Switching Protocols): from here on the connection belongs to the caller.
struct Upgraded {
  ClientResponse response;
  std::unique_ptr<async::ByteStream> stream;
};

using LocalSocket = boost::asio::local::stream_protocol::socket;

struct ClientConfig {
  /// A PEM file of the certificates that are trusted beside the system's; "": none.
  std::string ca_file;
  /// PEM files of the certificate (with its chain) and key that a server may ask for; "": none.
  std::string cert_file;
  std::string key_file;
  /// If set, each new connection is what this gives (the standard streams of a program that
  /// reaches the server, say), whatever the URL's host; without TLS. It may take as long as the
  /// request's time allows, and can be cancelled.
  std::function<awaitable<Result<LocalSocket>>()> connect;
  /// If set, asked about each address before it is connected to. One that it refuses is passed
  /// over, and if it refuses all, its error is the request's. IPv4 addresses mapped into IPv6 come
  /// as IPv4. (An allow-list that is checked on the name alone is passed by a name that resolves
  /// elsewhere.)
  std::function<Result<void>(const std::string& host, const std::string& address)> check_address;
  /// Gives a host name's addresses in the order in which they are tried, on a thread of its own
  /// that may outlive the client; empty: as the system does (getaddrinfo).
  std::function<Result<std::vector<boost::asio::ip::address>>(const std::string& host)> look_up;
};

/// The parts of an absolute http or https URL.
struct Url {
  bool tls = false;
  std::string host;  ///< in lower case; without the brackets of an IPv6 address
  std::uint16_t port = 0;
  std::string target;  ///< path and query, at least "/"
};
/// kInvalid: not such a URL, or one with a user name, a host name of other than letters, digits and
/// `-._`, an impossible port, or more than 8 KiB. The message never has the URL in it.
Result<Url> parseUrl(const std::string& url);

/// `text` as a value in a query string or a segment of a path: all but RFC 3986's unreserved
/// characters is encoded.
[[nodiscard]] std::string percentEncoded(std::string_view text);

class Client {
 public:
  explicit Client(const boost::asio::any_io_executor& executor, ClientConfig config = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Any status is an answer; one that comes before all of the body is sent ends the sending.
  /// kInvalid: the URL or a header, or refused by check_address; kTimeout; kTooLarge; kSystem: no
  /// connection, TLS or protocol failure; or the error of a callback. Redirects are not followed.
  ///
  /// All addresses of a host are tried in order, each for its share of the time. Connections are
  /// kept for a while and used again for the same origin; a request whose kept connection turns
  /// out closed before any byte of an answer came is sent once more, on a new one.
  ///
  /// Can be cancelled (terminal); the client must outlive it.
  awaitable<Result<ClientResponse>> send(ClientRequest request);

  /// Asks the server to switch to `protocol` ("tcp"), on a connection of its own: the headers
  /// Connection and Upgrade are added. The timeout is for the answer, not for what follows. As
  /// `send`, and where the answer is not 101: kInvalid for 400, kNotFound for 404, kExists for 409,
  /// kSystem for all else, with the status and the first 4 KiB of the body. `on_body` is not used.
  /// The stream may outlive the client.
  awaitable<Result<Upgraded>> upgrade(ClientRequest request, std::string protocol);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tango::http
