#include "http/client_connection.hpp"

#include <array>
#include <cerrno>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include "async/within.hpp"

namespace tango::http {
namespace {

using base::Error;
using base::ErrorKind;
using boost::asio::ip::tcp;
using boost::beast::error_code;
namespace ip = boost::asio::ip;
namespace ssl = boost::asio::ssl;

constexpr auto kAsTuple = boost::asio::as_tuple(boost::asio::use_awaitable);

template <class Stream>
class StreamConnection final : public ClientConnection {
 public:
  explicit StreamConnection(Stream stream) : stream_(std::move(stream)) {}

  awaitable<ErrorCode> write(std::string_view bytes) override {
    const auto [failure, sent] =
        co_await boost::asio::async_write(stream_, boost::asio::buffer(bytes), kAsTuple);
    co_return failure;
  }
  awaitable<ErrorCode> readHead(ResponseParser& parser) override {
    const auto [failure, got] =
        co_await boost::beast::http::async_read_header(stream_, buffer_, parser, kAsTuple);
    co_return failure;
  }
  awaitable<ErrorCode> readSome(ResponseParser& parser) override {
    const auto [failure, got] =
        co_await boost::beast::http::async_read_some(stream_, buffer_, parser, kAsTuple);
    co_return failure;
  }
  awaitable<ErrorCode> readBytes(char* room, std::size_t size, std::size_t& got) override {
    if (buffer_.size() > 0) {
      got = boost::asio::buffer_copy(boost::asio::buffer(room, size), buffer_.data());
      buffer_.consume(got);
      co_return ErrorCode();
    }
    const auto [failure, bytes] =
        co_await stream_.async_read_some(boost::asio::buffer(room, size), kAsTuple);
    got = bytes;
    co_return failure;
  }
  void end() override {
    error_code ignored;
    boost::beast::get_lowest_layer(stream_).close(ignored);
  }
  [[nodiscard]] bool isQuiet() override {
    char byte = 0;
    const int socket = boost::beast::get_lowest_layer(stream_).native_handle();
    return buffer_.size() == 0 && ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
           errno == EAGAIN;
  }

 private:
  Stream stream_;
};

using TlsStream = boost::beast::ssl_stream<tcp::socket>;

// OpenSSL then verifies the name or address with the certificate. Only a name is told to the server
// (RFC 6066, section 3).
bool expectHost(SSL* session, const std::string& host) {
  error_code no_address;
  ip::make_address(host, no_address);
  if (!no_address) {
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host.c_str()) == 1;
  }
  SSL_set_hostflags(session, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set1_host(session, host.c_str()) == 1 &&
         SSL_set_tlsext_host_name(session, host.c_str()) == 1;
}

awaitable<Result<ConnectionPtr>> handshake(tcp::socket socket, std::string host,
                                           ssl::context& tls) {
  TlsStream stream(std::move(socket), tls);
  if (!expectHost(stream.native_handle(), host)) {
    co_return Error(ErrorKind::kSystem, "TLS with " + host + ": it cannot be a certificate's name");
  }
  const auto [failure] = co_await stream.async_handshake(ssl::stream_base::client, kAsTuple);
  if (failure) {
    const long verdict = SSL_get_verify_result(stream.native_handle());
    co_return Error(ErrorKind::kSystem,
                    "TLS with " + host + ": " +
                        (verdict == X509_V_OK ? failure.message()
                                              : std::string("its certificate is refused: ") +
                                                    X509_verify_cert_error_string(verdict)));
  }
  co_return ConnectionPtr(std::make_unique<StreamConnection<TlsStream>>(std::move(stream)));
}

awaitable<Result<ConnectionPtr>> connectToOne(tcp::endpoint endpoint, std::string host,
                                              ssl::context* tls) {
  tcp::socket socket(co_await boost::asio::this_coro::executor);
  const auto [failure] = co_await socket.async_connect(endpoint, kAsTuple);
  if (failure) {
    co_return Error(ErrorKind::kSystem,
                    "connect to " + endpoint.address().to_string() + ": " + failure.message());
  }
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  if (tls == nullptr) {
    co_return ConnectionPtr(std::make_unique<StreamConnection<tcp::socket>>(std::move(socket)));
  }
  Result<ConnectionPtr> secured = co_await handshake(std::move(socket), std::move(host), *tls);
  co_return secured;
}

ip::address unmapped(const ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return ip::make_address_v4(ip::v4_mapped, address.to_v6());
  }
  return address;
}

Result<Addresses> passed(const Addresses& found, const std::string& host,
                         const ClientConfig& config) {
  Addresses good;
  Result<void> refusal;
  for (const ip::address& each : found) {
    const ip::address address = unmapped(each);
    const Result<void> checked =
        config.check_address ? config.check_address(host, address.to_string()) : Result<void>();
    if (checked) {
      good.push_back(address);
    } else {
      refusal = checked;
    }
  }
  return good.empty() ? Result<Addresses>(refusal.error()) : good;
}

Result<void> showCertificate(ssl::context& context, const ClientConfig& config) {
  if (config.cert_file.empty() != config.key_file.empty()) {
    return Error(ErrorKind::kInvalid, "a certificate to be shown and its key go together");
  }
  if (config.cert_file.empty()) {
    return {};
  }
  error_code failure;
  context.use_certificate_chain_file(config.cert_file, failure);
  if (failure) {
    return Error(ErrorKind::kSystem,
                 "read the certificate in " + config.cert_file + ": " + failure.message());
  }
  // Without this, OpenSSL asks at the terminal for the passphrase of a key that has one.
  context.set_password_callback([](auto&&...) { return std::string(); }, failure);
  if (!failure) {
    context.use_private_key_file(config.key_file, ssl::context::pem, failure);
  }
  if (failure) {
    return Error(ErrorKind::kSystem, "read the key in " + config.key_file +
                                         " (without a passphrase, and that of the certificate in " +
                                         config.cert_file + "): " + failure.message());
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<ssl::context>> tlsContext(const ClientConfig& config) {
  auto context = std::make_unique<ssl::context>(ssl::context::tls_client);
  error_code failure;
  if (SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION) != 1) {
    return Error(ErrorKind::kSystem, "TLS 1.2 cannot be had");
  }
  context->set_verify_mode(ssl::verify_peer, failure);
  if (!failure) {
    context->set_default_verify_paths(failure);
  }
  if (failure) {
    return Error(ErrorKind::kSystem, "read the system's certificates: " + failure.message());
  }
  if (!config.ca_file.empty()) {
    context->load_verify_file(config.ca_file, failure);
  }
  if (failure) {
    return Error(ErrorKind::kSystem,
                 "read the certificates in " + config.ca_file + ": " + failure.message());
  }
  const Result<void> shown = showCertificate(*context, config);
  if (!shown) {
    return shown.error();
  }
  return context;
}

awaitable<Result<ConnectionPtr>> connectTo(Url url, const ClientConfig& config,
                                           const Resolver& resolver, ssl::context* tls,
                                           base::Deadline deadline) {
  const Result<Addresses> found = co_await resolver.resolve(url.host, deadline);
  if (!found) {
    co_return found.error();
  }
  const Result<Addresses> addresses = passed(*found, url.host, config);
  if (!addresses) {
    co_return addresses.error();
  }
  for (std::size_t left = addresses->size();; --left) {
    const tcp::endpoint endpoint((*addresses)[addresses->size() - left], url.port);
    const base::Deadline now = base::SteadyClock::now();
    const base::Deadline share = now + (deadline - now) / static_cast<std::int64_t>(left);
    Result<ConnectionPtr> connection = co_await async::within(
        share, connectToOne(endpoint, url.host, tls),
        "connect to " + endpoint.address().to_string() + ": no answer in time");
    if (connection || left == 1) {
      co_return connection;
    }
  }
}

awaitable<Result<ConnectionPtr>> connectToUnix(std::string path) {
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    co_return Error(ErrorKind::kInvalid, "connect to " + path + ": the path is too long");
  }
  LocalSocket socket(co_await boost::asio::this_coro::executor);
  const boost::asio::local::stream_protocol::endpoint endpoint(path);
  const auto [failure] = co_await socket.async_connect(endpoint, kAsTuple);
  if (failure) {
    co_return Error(ErrorKind::kSystem, "connect to " + path + ": " + failure.message());
  }
  co_return ConnectionPtr(std::make_unique<StreamConnection<LocalSocket>>(std::move(socket)));
}

awaitable<Result<ConnectionPtr>> connectBy(
    std::function<awaitable<Result<LocalSocket>>()> connect) {
  Result<LocalSocket> socket = co_await connect();
  if (!socket) {
    co_return socket.error();
  }
  co_return ConnectionPtr(std::make_unique<StreamConnection<LocalSocket>>(*std::move(socket)));
}

}  // namespace tango::http
