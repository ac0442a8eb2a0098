// The HTTP server: accepts connections and runs a session for each. Plain HTTP/1.0 and 1.1 or the
// same over TLS.
//
// A connection over a bound is accepted, hears 503 and is closed (over TLS it is just closed: the
// words would cost a handshake). Left in the kernel's queue, its client would wait for nothing, and
// those behind it, of other addresses, too.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "http/router.hpp"

namespace tango::http {

struct ServerConfig {
  /// An IP address, or a name: then all addresses that it stands for.
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free one
  /// PEM files; both or none.
  std::string tls_cert;
  std::string tls_key;

  std::chrono::milliseconds header_timeout{
      10'000};                                     ///< from the first byte wanted to the head's end
  std::chrono::milliseconds idle_timeout{60'000};  ///< between two requests of a connection
  std::chrono::milliseconds body_timeout{30'000};  ///< without any progress of a body
  std::chrono::milliseconds write_timeout{30'000};  ///< without any progress of an answer
  std::uint32_t header_bytes_max = 16 * 1024;
  std::uint64_t body_bytes_max = 8ULL * 1024 * 1024 * 1024;
  std::size_t connections_max = 1000;
  /// Of one address; of IPv6, of one network of 64 bits, which one client has all of. All clients
  /// behind one proxy are one.
  std::size_t connections_per_client_max = 250;
};

class Server {
 public:
  /// Listens at once; connections are served from `run` on. kInvalid: no such address, or the TLS
  /// files are no good; kExists: the port is taken.
  static base::Result<std::unique_ptr<Server>> listen(boost::asio::any_io_executor executor,
                                                      ServerConfig config, const Router& router);
  Server() = default;
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  virtual ~Server() = default;

  [[nodiscard]] virtual std::uint16_t port() const = 0;
  [[nodiscard]] virtual std::size_t connections() const = 0;
  /// Serves until `stop`; ends when every session has ended.
  virtual awaitable<void> run() = 0;
  /// Accepts no more, closes idle connections, and cuts the others after `grace`. A handler is not
  /// interrupted: its reads fail from then on, and `run` waits for its end.
  virtual void stop(std::chrono::milliseconds grace) = 0;
  /// Reads the TLS files again, for new connections. An error leaves those in use.
  virtual base::Result<void> reloadTls() = 0;
};

}  // namespace tango::http
