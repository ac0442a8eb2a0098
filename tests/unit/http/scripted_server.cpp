#include "unit/http/scripted_server.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace tango::test {
namespace {

void must(bool done, const char* what) {
  if (!done) {
    throw std::runtime_error(what);
  }
}

constexpr int kBacklog = 64;

}  // namespace

std::string Asked::header(const std::string& name) const {
  const std::size_t at = head.find("\r\n" + name + ": ");
  if (at == std::string::npos) {
    return "";
  }
  const std::size_t from = at + 2 + name.size() + 2;
  return head.substr(from, head.find("\r\n", from) - from);
}

Peer::Peer(base::UniqueFd socket, SslPtr session)
    : socket_(std::move(socket)), session_(std::move(session)) {}

bool Peer::fill() {
  std::array<char, 64 * 1024> piece;
  const ssize_t got = session_
                          ? SSL_read(session_.get(), piece.data(), static_cast<int>(piece.size()))
                          : ::recv(socket_.get(), piece.data(), piece.size(), 0);
  if (got > 0) {
    pending_.append(piece.data(), static_cast<std::size_t>(got));
  }
  return got > 0;
}

std::string Peer::readHead() {
  for (;;) {
    const std::size_t end = pending_.find("\r\n\r\n");
    if (end != std::string::npos) {
      std::string head = pending_.substr(0, end + 4);
      pending_.erase(0, end + 4);
      return head;
    }
    if (!fill()) {
      return "";
    }
  }
}

Asked Peer::read() {
  Asked asked{readHead(), ""};
  const std::string length = asked.header("Content-Length");
  const std::size_t bytes = length.empty() ? 0 : std::stoull(length);
  while (pending_.size() < bytes) {
    if (!fill()) {
      return {"", ""};
    }
  }
  asked.body = pending_.substr(0, bytes);
  pending_.erase(0, bytes);
  return asked;
}

std::string Peer::readSome() {
  if (pending_.empty()) {
    fill();
  }
  return std::exchange(pending_, "");
}

bool Peer::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent =
        session_ ? SSL_write(session_.get(), bytes.data(), static_cast<int>(bytes.size()))
                 : ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool Peer::answer(std::string_view status, std::string_view body, std::string_view more) {
  std::string text("HTTP/1.1 ");
  text.append(status).append("\r\n").append(more);
  text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n");
  return write(text.append(body));
}

void Peer::awaitEnd() {
  while (fill()) {
    pending_.clear();
  }
}

bool Peer::endsWithin(int timeout_ms) {
  pollfd waiting{socket_.get(), POLLRDHUP, 0};
  return ::poll(&waiting, 1, timeout_ms) > 0;
}

void Peer::end() {
  if (session_) {
    SSL_shutdown(session_.get());
  }
  drop();
}

void Peer::reset() {
  sockaddr nowhere{};
  nowhere.sa_family = AF_UNSPEC;
  must(::connect(socket_.get(), &nowhere, sizeof nowhere) == 0, "reset");
}

void Peer::drop() {
  ::shutdown(socket_.get(), SHUT_RDWR);
}

void Peer::wake() {
  ::shutdown(socket_.get(), SHUT_RDWR);
}

std::string Peer::serverName() const {
  const char* name = SSL_get_servername(session_.get(), TLSEXT_NAMETYPE_host_name);
  return name != nullptr ? name : "";
}

ScriptedServer::ScriptedServer(Script script, const Identity* identity, int version_max,
                               const std::string& address, std::uint16_t port)
    : script_(std::move(script)), tls_(nullptr, &SSL_CTX_free) {
  // OpenSSL writes to a socket that the client has closed.
  std::signal(SIGPIPE, SIG_IGN);
  if (identity != nullptr) {
    tls_.reset(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_set_security_level(tls_.get(), 0);
    SSL_CTX_set_min_proto_version(tls_.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(tls_.get(), version_max);
    must(SSL_CTX_use_certificate_file(tls_.get(), identity->cert.c_str(), SSL_FILETYPE_PEM) == 1 &&
             SSL_CTX_use_PrivateKey_file(tls_.get(), identity->key.c_str(), SSL_FILETYPE_PEM) == 1,
         "read the identity");
    if (!identity->client_ca.empty()) {
      must(SSL_CTX_load_verify_locations(tls_.get(), identity->client_ca.c_str(), nullptr) == 1,
           "read the authority of clients");
      SSL_CTX_set_verify(tls_.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
  }
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  must(::inet_pton(AF_INET, address.c_str(), &at.sin_addr) == 1, "parse the address");
  listener_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int yes = 1;
  ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  must(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&at), sizeof at) == 0, "bind");
  must(::listen(listener_.get(), kBacklog) == 0, "listen");
  socklen_t size = sizeof at;
  ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&at), &size);
  port_ = ntohs(at.sin_port);
  acceptor_ = std::thread([this] { acceptAll(); });
}

ScriptedServer::ScriptedServer(Script script, const std::filesystem::path& path)
    : script_(std::move(script)), tls_(nullptr, &SSL_CTX_free) {
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  std::strncpy(at.sun_path, path.c_str(), sizeof at.sun_path - 1);
  listener_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  must(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&at), sizeof at) == 0, "bind");
  must(::listen(listener_.get(), kBacklog) == 0, "listen");
  acceptor_ = std::thread([this] { acceptAll(); });
}

ScriptedServer::~ScriptedServer() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    ::shutdown(listener_.get(), SHUT_RDWR);
    for (Peer* peer : peers_) {
      peer->wake();
    }
  }
  acceptor_.join();
  for (std::thread& each : threads_) {
    each.join();
  }
}

std::string ScriptedServer::url(const std::string& target, const std::string& host) const {
  return (tls_ ? "https://" : "http://") + host + ":" + std::to_string(port_) + target;
}

std::size_t ScriptedServer::connections() {
  const std::scoped_lock lock(mutex_);
  return accepted_;
}

void ScriptedServer::acceptAll() {
  for (;;) {
    base::UniqueFd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!socket) {
      return;
    }
    const std::scoped_lock lock(mutex_);
    ++accepted_;
    threads_.emplace_back([this, fd = std::move(socket)]() mutable { serve(std::move(fd)); });
  }
}

void ScriptedServer::serve(base::UniqueFd socket) {
  Peer::SslPtr session(nullptr, &SSL_free);
  SSL* tls = nullptr;
  if (tls_) {
    tls = SSL_new(tls_.get());
    session.reset(tls);
    SSL_set_fd(tls, socket.get());
  }
  Peer peer(std::move(socket), std::move(session));
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_) {
      return;
    }
    peers_.push_back(&peer);
  }
  if (tls == nullptr || SSL_accept(tls) == 1) {
    script_(peer);
    peer.end();
  }
  const std::scoped_lock lock(mutex_);
  std::erase(peers_, &peer);
}

}  // namespace tango::test
