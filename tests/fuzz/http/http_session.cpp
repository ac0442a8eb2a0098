// Whatever a client sends, the session ends by itself, stays within its memory, and every byte that
// it answers belongs to a whole HTTP answer. The session is the server's own, on one end of a pair
// of sockets.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>

#include "base/assert.hpp"
#include "http/session.hpp"

namespace {

using boost::asio::awaitable;
using Socket = boost::asio::local::stream_protocol::socket;
using namespace tango;

// The first byte tells a body from an answer that follows one without a body, to HEAD.
http::Response answerOf(const std::string& body) {
  http::Response response;
  response.body = "=" + body;
  return response;
}

awaitable<http::Response> echo(http::Request& request) {
  base::Result<std::string> body = co_await request.body->readAll(4096);
  co_return answerOf(body ? *body : body.error().message());
}

awaitable<http::Response> show(http::Request& request) {
  TANGO_ASSERT(request.segments.size() == 2, "the route has two segments");
  co_return answerOf(request.segments[1] + request.query);
}

awaitable<http::Response> ignore(http::Request& request) {
  co_return answerOf(std::string(request.header("filename").value_or("")));
}

http::Router makeRouter() {
  http::Router router;
  router.add("POST", "/echo", echo);
  router.add("GET", "/show/{text}", show);
  router.add("POST", "/ignore", ignore);
  return router;
}

awaitable<void> sendAll(Socket& client, std::string_view bytes) {
  static_cast<void>(co_await boost::asio::async_write(
      client, boost::asio::buffer(bytes), boost::asio::as_tuple(boost::asio::use_awaitable)));
  boost::system::error_code ignored;
  client.shutdown(Socket::shutdown_send, ignored);
}

awaitable<void> receiveAll(Socket& client, std::string& received) {
  std::array<char, 16 * 1024> piece;
  for (;;) {
    const auto [failure, got] = co_await client.async_read_some(
        boost::asio::buffer(piece), boost::asio::as_tuple(boost::asio::use_awaitable));
    received.append(piece.data(), got);
    if (failure) {
      co_return;
    }
  }
}

awaitable<void> serve(std::unique_ptr<http::Session<Socket>> session) {
  co_await session->run();
}

// Takes one answer off `bytes`; false: it does not begin with one.
bool takeAnswer(std::string_view& bytes) {
  static constexpr std::string_view kLength = "\r\nContent-Length: ";
  const std::size_t end = bytes.find("\r\n\r\n");
  if (!bytes.starts_with("HTTP/1.") || end == std::string_view::npos) {
    return false;
  }
  const std::string head(bytes.substr(0, end));
  bytes.remove_prefix(end + 4);
  const std::size_t at = head.find(kLength);
  if (at == std::string::npos || bytes.empty() || bytes.starts_with("HTTP/1.")) {
    return true;
  }
  const std::size_t length = std::strtoull(head.c_str() + at + kLength.size(), nullptr, 10);
  if (length > bytes.size()) {
    return false;
  }
  bytes.remove_prefix(length);
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const http::Router router = makeRouter();
  static const http::ServerConfig config = [] {
    http::ServerConfig small;
    small.body_bytes_max = 16 * 1024;
    small.header_bytes_max = 4096;
    return small;
  }();
  boost::asio::io_context context(1);
  Socket client(context);
  Socket server(context);
  boost::asio::local::connect_pair(client, server);
  http::DateHeader date;
  auto session = std::make_unique<http::Session<Socket>>(
      std::move(server), "", http::SessionSettings{config, router, date});
  std::string received;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  boost::asio::co_spawn(context, serve(std::move(session)), boost::asio::detached);
  boost::asio::co_spawn(context, sendAll(client, bytes), boost::asio::detached);
  boost::asio::co_spawn(context, receiveAll(client, received), boost::asio::detached);
  context.run();
  for (std::string_view left = received; !left.empty();) {
    TANGO_ASSERT(takeAnswer(left), "what was answered is no sequence of answers");
  }
  return 0;
}
