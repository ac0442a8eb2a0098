#include "http/server.hpp"

#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "async/task_group.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "http/connection_table.hpp"
#include "http/listener.hpp"
#include "http/session.hpp"
#include "http/tls_context.hpp"

namespace tango::http {
namespace {

using base::Error;
using base::ErrorKind;
using boost::asio::ip::tcp;
using boost::system::error_code;
namespace ssl = boost::asio::ssl;

using TlsStream = ssl::stream<tcp::socket>;
using Verdict = ConnectionTable::Verdict;

constexpr auto kAsTuple = boost::asio::as_tuple(boost::asio::use_awaitable);
// With no descriptor free, accept fails at once, again and again: so long until it is next tried.
constexpr std::chrono::milliseconds kAcceptPause{100};
constexpr std::size_t kTurnedAwayMax = 64;

class AsioServer final : public Server {
 public:
  AsioServer(const boost::asio::any_io_executor& executor, ServerConfig config,
             const Router& router, std::vector<tcp::acceptor> acceptors, TlsContextPtr tls)
      : config_(std::move(config)),
        router_(router),
        acceptors_(std::move(acceptors)),
        port_(acceptors_.front().local_endpoint().port()),
        tls_(std::move(tls)),
        table_({config_.connections_max, config_.connections_per_client_max, kTurnedAwayMax}),
        executor_(executor),
        tasks_(executor) {}

  [[nodiscard]] std::uint16_t port() const override { return port_; }
  [[nodiscard]] std::size_t connections() const override { return table_.served(); }

  awaitable<void> run() override {
    for (tcp::acceptor& acceptor : acceptors_) {
      tasks_.start(acceptAll(acceptor));
    }
    co_await tasks_.allEnded();
    grace_.reset();
  }

  void stop(std::chrono::milliseconds grace) override {
    error_code ignored;
    for (tcp::acceptor& acceptor : acceptors_) {
      acceptor.close(ignored);
    }
    for (boost::asio::steady_timer* pause : pauses_) {
      pause->cancel();
    }
    table_.endAll();
    grace_.emplace(executor_, [this] { table_.cutAll(); });
    grace_->set(grace);
  }

  base::Result<void> reloadTls() override {
    if (!tls_) {
      return {};
    }
    Result<TlsContextPtr> fresh = readTlsContext(config_.tls_cert, config_.tls_key);
    if (!fresh) {
      return fresh.error();
    }
    tls_ = *std::move(fresh);
    return {};
  }

 private:
  awaitable<void> acceptAll(tcp::acceptor& acceptor) {
    boost::asio::steady_timer pause(acceptor.get_executor());
    pauses_.push_back(&pause);
    while (acceptor.is_open()) {
      tcp::socket socket(acceptor.get_executor());
      const auto [failure] = co_await acceptor.async_accept(socket, kAsTuple);
      if (!failure) {
        admit(std::move(socket));
      } else if (acceptor.is_open() && failure != boost::asio::error::connection_aborted) {
        tellOfPause(failure);
        pause.expires_after(kAcceptPause);
        co_await pause.async_wait(kAsTuple);
      }
    }
    std::erase(pauses_, &pause);
  }

  // Not every time: that would fill the log as fast as the clients come.
  void tellOfPause(const error_code& failure) {
    if (base::SteadyClock::now() >= next_complaint_) {
      next_complaint_ = base::after(std::chrono::seconds(60));
      base::logWarning("http: connections wait to be accepted: " + failure.message());
    }
  }

  void admit(tcp::socket socket) {
    std::string client = clientAddress(socket);
    const Verdict verdict = table_.verdict(client);
    // Over TLS the words would cost a handshake.
    if (verdict == Verdict::kClose || (verdict == Verdict::kTurnAway && tls_)) {
      return;
    }
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    const SessionSettings settings{config_, router_, date_};
    if (tls_) {
      auto stream = TlsStream(std::move(socket), *tls_);
      tasks_.start(serve(std::make_unique<Served<TlsStream>>(std::move(stream), std::move(client),
                                                             settings, table_, verdict, tls_)));
    } else {
      tasks_.start(serve(std::make_unique<Served<tcp::socket>>(std::move(socket), std::move(client),
                                                               settings, table_, verdict, tls_)));
    }
  }

  // A connection, counted and listed from the moment when it was admitted.
  template <class Stream>
  struct Served {
    Served(Stream stream, std::string client, SessionSettings settings, ConnectionTable& table,
           Verdict how, TlsContextPtr with)
        : context(std::move(with)),
          session(std::move(stream), std::move(client), settings),
          verdict(how),
          entry(table, session, how) {}

    TlsContextPtr context;
    Session<Stream> session;
    const Verdict verdict;
    const ConnectionTable::Entry entry;
  };

  template <class Stream>
  static awaitable<void> serve(std::unique_ptr<Served<Stream>> served) {
    if (served->verdict == Verdict::kServe) {
      co_await served->session.run();
    } else {
      co_await served->session.turnAway();
    }
  }

  const ServerConfig config_;
  const Router& router_;
  std::vector<tcp::acceptor> acceptors_;
  const std::uint16_t port_;
  TlsContextPtr tls_;
  DateHeader date_;
  ConnectionTable table_;
  const boost::asio::any_io_executor executor_;
  async::TaskGroup tasks_;
  std::vector<boost::asio::steady_timer*> pauses_;
  base::Deadline next_complaint_ = base::Deadline::min();
  std::optional<async::IoDeadline> grace_;
};

}  // namespace

base::Result<std::unique_ptr<Server>> Server::listen(boost::asio::any_io_executor executor,
                                                     ServerConfig config, const Router& router) {
  if (config.tls_cert.empty() != config.tls_key.empty()) {
    return Error(ErrorKind::kInvalid, "TLS needs both a certificate and a key");
  }
  TlsContextPtr tls;
  if (!config.tls_cert.empty()) {
    Result<TlsContextPtr> context = readTlsContext(config.tls_cert, config.tls_key);
    if (!context) {
      return context.error();
    }
    tls = *std::move(context);
  }
  Result<std::vector<tcp::acceptor>> acceptors = listenOn(executor, config.host, config.port);
  if (!acceptors) {
    return acceptors.error();
  }
  return std::unique_ptr<Server>(
      new AsioServer(executor, std::move(config), router, *std::move(acceptors), std::move(tls)));
}

}  // namespace tango::http
