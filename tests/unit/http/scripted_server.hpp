// An HTTP server that does to each connection what a test tells it, good or bad: plain, TLS or a
// unix socket, with blocking calls on threads of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <openssl/ssl.h>

#include "base/unique_fd.hpp"
#include "unit/http/test_ca.hpp"

namespace tango::test {

/// A request as it came, its body by its Content-Length.
struct Asked {
  std::string head;  ///< with its empty line; "": the connection ended
  std::string body;
  /// The value of the first header of that name (as sent); "": there is none.
  [[nodiscard]] std::string header(const std::string& name) const;
};

/// One accepted connection.
class Peer {
 public:
  using SslPtr = std::unique_ptr<SSL, decltype(&SSL_free)>;

  Peer(base::UniqueFd socket, SslPtr session);

  /// The head of the next request alone, then its body.
  std::string readHead();
  Asked read();
  /// What comes next, whatever it is; "": the connection ended.
  std::string readSome();
  /// False: the other side takes no more.
  bool write(std::string_view bytes);
  /// An answer with that body and its Content-Length; `more` are header lines, each with its end.
  bool answer(std::string_view status, std::string_view body = "", std::string_view more = "");
  /// Returns when the other side has ended the connection.
  void awaitEnd();
  /// True if the other side ends the connection within a moment.
  bool endsWithin(int timeout_ms);
  /// Ends it, after what was written; TLS says so before.
  void end();
  /// Ends it with what the other side takes for a reset.
  void reset();
  /// Ends it without TLS's own farewell.
  void drop();
  /// Whatever blocks on it goes on. Any thread.
  void wake();
  /// The name that the client expects (server name indication).
  [[nodiscard]] std::string serverName() const;

 private:
  bool fill();

  base::UniqueFd socket_;
  SslPtr session_;
  std::string pending_;
};

class ScriptedServer {
 public:
  using Script = std::function<void(Peer& peer)>;

  /// Listens at a port of its choice, on `address`; with `identity` over TLS, `version_max` of it
  /// at most (0: any). When the script returns, the connection ends. The script must return when
  /// the client has gone.
  explicit ScriptedServer(Script script, const Identity* identity = nullptr, int version_max = 0,
                          const std::string& address = "127.0.0.1", std::uint16_t port = 0);
  /// Listens at a unix socket.
  ScriptedServer(Script script, const std::filesystem::path& path);
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  ~ScriptedServer();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// `http://127.0.0.1:PORT` and `target`; https with an identity.
  [[nodiscard]] std::string url(const std::string& target = "/",
                                const std::string& host = "127.0.0.1") const;
  /// How many connections it has accepted.
  [[nodiscard]] std::size_t connections();

 private:
  void acceptAll();
  void serve(base::UniqueFd socket);

  const Script script_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> tls_;
  base::UniqueFd listener_;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  bool stopping_ = false;
  std::size_t accepted_ = 0;
  std::vector<Peer*> peers_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace tango::test
