#include "http/client.hpp"

#include <algorithm>
#include <utility>

#include "async/within.hpp"
#include "base/clock.hpp"
#include "http/client_connection.hpp"
#include "http/client_exchange.hpp"
#include "http/client_head.hpp"
#include "http/client_kept.hpp"
#include "http/client_resolver.hpp"
#include "http/client_upgrade.hpp"

namespace tango::http {
namespace {

namespace ssl = boost::asio::ssl;
using base::Error;
using base::ErrorKind;

std::string originOf(const ClientRequest& request, const Url& url) {
  return request.unix_socket.empty()
             ? (url.tls ? "https " : "http ") + url.host + " " + std::to_string(url.port)
             : "unix " + request.unix_socket;
}

}  // namespace

std::string ClientResponse::header(std::string_view name) const {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [name](const auto& each) { return each.first == name; });
  return found == headers.end() ? "" : found->second;
}

struct Client::State {
  explicit State(ClientConfig wanted) : config(std::move(wanted)), resolver(config.look_up) {}

  Result<ssl::context*> trusted();
  awaitable<Result<ConnectionPtr>> connect(const ClientRequest& request, const Url& url,
                                           base::Deadline deadline);
  awaitable<Result<ClientResponse>> perform(const ClientRequest& request, const Url& url,
                                            const std::string& head, base::Deadline deadline);
  awaitable<Result<Upgraded>> upgrade(const ClientRequest& request, const Url& url,
                                      const std::string& head, base::Deadline deadline);

  const ClientConfig config;
  const Resolver resolver;
  KeptConnections kept;

 private:
  std::unique_ptr<ssl::context> tls_;
};

// Read when first needed: plain HTTP needs no certificates.
Result<ssl::context*> Client::State::trusted() {
  if (!tls_) {
    Result<std::unique_ptr<ssl::context>> made = tlsContext(config);
    if (!made) {
      return made.error();
    }
    tls_ = *std::move(made);
  }
  return tls_.get();
}

awaitable<Result<ConnectionPtr>> Client::State::connect(const ClientRequest& request,
                                                        const Url& url, base::Deadline deadline) {
  if (!request.unix_socket.empty()) {
    Result<ConnectionPtr> connection = co_await connectToUnix(request.unix_socket);
    co_return connection;
  }
  if (config.connect) {
    Result<ConnectionPtr> connection = co_await connectBy(config.connect);
    co_return connection;
  }
  const Result<ssl::context*> tls = url.tls ? trusted() : nullptr;
  if (!tls) {
    co_return tls.error();
  }
  Result<ConnectionPtr> connection = co_await connectTo(url, config, resolver, *tls, deadline);
  co_return connection;
}

awaitable<Result<ClientResponse>> Client::State::perform(const ClientRequest& request,
                                                         const Url& url, const std::string& head,
                                                         base::Deadline deadline) {
  const std::string origin = originOf(request, url);
  ConnectionPtr connection = kept.take(origin, base::SteadyClock::now());
  if (connection) {
    Exchange again = co_await exchange(*connection, request, head);
    if (!again.ended) {
      if (again.reusable) {
        kept.put(origin, std::move(connection), base::SteadyClock::now());
      }
      co_return std::move(again.response);
    }
    // What ended one has likely ended the others.
    kept.drop(origin);
  }
  Result<ConnectionPtr> made = co_await connect(request, url, deadline);
  if (!made) {
    co_return made.error();
  }
  Exchange done = co_await exchange(**made, request, head);
  if (done.reusable) {
    kept.put(origin, *std::move(made), base::SteadyClock::now());
  }
  co_return std::move(done.response);
}

awaitable<Result<Upgraded>> Client::State::upgrade(const ClientRequest& request, const Url& url,
                                                   const std::string& head,
                                                   base::Deadline deadline) {
  Result<ConnectionPtr> made = co_await connect(request, url, deadline);
  if (!made) {
    co_return made.error();
  }
  Exchange done = co_await exchange(**made, request, head);
  if (!done.response) {
    co_return done.response.error();
  }
  if (!done.sent) {
    co_return Error(ErrorKind::kSystem, "the protocol was switched before all was sent");
  }
  co_return Upgraded{*std::move(done.response), upgradedStream(*std::move(made))};
}

Client::Client(const boost::asio::any_io_executor& /*executor*/, ClientConfig config)
    : state_(std::make_unique<State>(std::move(config))) {}

Client::~Client() = default;

awaitable<Result<ClientResponse>> Client::send(ClientRequest request) {
  const base::Deadline deadline = base::after(request.timeout);
  const Result<Url> url = parseUrl(request.url);
  if (!url) {
    co_return url.error();
  }
  const Result<std::string> head = headOf(request, *url);
  if (!head) {
    co_return head.error();
  }
  Result<ClientResponse> response = co_await async::within(
      deadline, state_->perform(request, *url, *head, deadline), url->host + ": no answer in time");
  co_return response;
}

awaitable<Result<Upgraded>> Client::upgrade(ClientRequest request, std::string protocol) {
  const base::Deadline deadline = base::after(request.timeout);
  const Result<Url> url = parseUrl(request.url);
  if (!url) {
    co_return url.error();
  }
  const Result<std::string> head = headOf(request, *url, protocol);
  if (!head) {
    co_return head.error();
  }
  UpgradeRefusal refusal;
  refusal.listen(request);
  Result<Upgraded> upgraded = co_await async::within(
      deadline, state_->upgrade(request, *url, *head, deadline), url->host + ": no answer in time");
  if (refusal.came()) {
    co_return refusal.error(url->host);
  }
  co_return upgraded;
}

}  // namespace tango::http
