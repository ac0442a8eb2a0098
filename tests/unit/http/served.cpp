#include "unit/http/served.hpp"

#include <array>
#include <future>
#include <stdexcept>

#include <doctest/doctest.h>
#include <sys/mman.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

namespace tango::test {
namespace {

using boost::asio::awaitable;
using http::Request;
using http::Response;

Response text(std::string body) {
  Response response;
  response.body = std::move(body);
  return response;
}

awaitable<Response> hello(Request&) {
  co_return text(R"({"hello":1})");
}

awaitable<Response> throwing(Request&) {
  throw std::runtime_error("as it was told to");
  co_return Response();
}

awaitable<Response> splitting(Request& request) {
  Response response;
  response.headers.emplace_back("Filename", request.segments[1]);
  co_return response;
}

awaitable<Response> segment(Request& request) {
  co_return text(request.segments[1] + "|" + request.query);
}

awaitable<Response> filename(Request& request) {
  co_return text(std::string(request.header("filename").value_or("none")));
}

awaitable<Response> noContent(Request&) {
  Response response;
  response.status = 204;
  co_return response;
}

awaitable<Response> file(Request&) {
  Response response;
  response.content_type = "application/octet-stream";
  base::UniqueFd memory(::memfd_create("file", MFD_CLOEXEC));
  const std::string content(300'000, 'f');
  REQUIRE(::write(memory.get(), "skip", 4) == 4);
  REQUIRE(::write(memory.get(), content.data(), content.size()) ==
          static_cast<ssize_t>(content.size()));
  response.file.emplace(http::FileBody{std::move(memory), 4, content.size()});
  co_return response;
}

awaitable<Response> shortFile(Request&) {
  Response response;
  base::UniqueFd memory(::memfd_create("file", MFD_CLOEXEC));
  REQUIRE(::write(memory.get(), "short", 5) == 5);
  response.file.emplace(http::FileBody{std::move(memory), 0, 1000});
  co_return response;
}

awaitable<Response> ignore(Request&) {
  co_return text("ignored");
}

}  // namespace

http::ServerConfig patientConfig() {
  http::ServerConfig config;
  config.header_timeout = 10min;
  config.idle_timeout = 10min;
  config.body_timeout = 10min;
  config.write_timeout = 10min;
  return config;
}

Served::Served(http::ServerConfig config) {
  addRoutes();
  addBodyRoutes();
  base::Result<std::unique_ptr<http::Server>> server =
      http::Server::listen(context_.get_executor(), std::move(config), router_);
  REQUIRE_MESSAGE(server.ok(), (server ? "" : server.error().message()));
  server_ = *std::move(server);
  port_ = server_->port();
  boost::asio::co_spawn(context_, server_->run(), [](const std::exception_ptr&) {});
  thread_ = std::thread([this] { context_.run(); });
}

Served::~Served() {
  if (thread_.joinable()) {
    release();
    stop(0ms);
    join();
  }
}

void Served::addRoutes() {
  router_.add("GET", "/", hello);
  router_.add("GET", "/hello", hello);
  router_.add("GET", "/throw", throwing);
  router_.add("GET", "/split/{text}", splitting);
  router_.add("GET", "/segment/{text}", segment);
  router_.add("GET", "/filename", filename);
  router_.add("GET", "/none", noContent);
  router_.add("GET", "/file", file);
  router_.add("GET", "/short", shortFile);
  router_.add("GET", "/wait", [this](Request&) -> awaitable<Response> {
    waiting.release();
    co_await released_.wait();
    co_return text("waited");
  });
  router_.add("GET", "/sent", [this](Request&) -> awaitable<Response> {
    Response response = text("sent");
    response.sent = [this] { sent.release(); };
    co_return response;
  });
  router_.add("GET", "/endless", [this](Request&) -> awaitable<Response> {
    Response response = text(std::string(64 * 1024 * 1024, 'e'));
    response.sent = [this] { sent.release(); };
    co_return response;
  });
}

void Served::addBodyRoutes() {
  router_.add("POST", "/ignore", ignore);
  router_.add("POST", "/echo", [this](Request& request) -> awaitable<Response> {
    base::Result<std::string> body = co_await request.body->readAll(100'000);
    if (!body) {
      failure = body.error().kind();
      failed.release();
      co_return text("failed: " + body.error().message());
    }
    co_return text(*std::move(body));
  });
  router_.add("POST", "/count", [this](Request& request) -> awaitable<Response> {
    std::array<char, 16 * 1024> piece;
    std::uint64_t bytes = 0;
    for (;;) {
      const base::Result<std::size_t> got = co_await request.body->read(piece);
      if (!got) {
        failure = got.error().kind();
        failed.release();
        co_return text("failed: " + got.error().message());
      }
      if (*got == 0) {
        co_return text(std::to_string(bytes));
      }
      bytes += *got;
    }
  });
}

void Served::onServer(const std::function<void()>& what) {
  std::promise<void> done;
  boost::asio::post(context_, [&] {
    what();
    done.set_value();
  });
  done.get_future().wait();
}

void Served::stop(std::chrono::milliseconds grace) {
  onServer([this, grace] { server_->stop(grace); });
}

void Served::join() {
  thread_.join();
}

void Served::release() {
  onServer([this] { released_.set(); });
}

void Served::awaitConnections(std::size_t wanted) {
  for (std::size_t now = wanted + 1; now != wanted;) {
    onServer([&] { now = server_->connections(); });
  }
}

}  // namespace tango::test
