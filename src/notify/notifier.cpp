#include "notify/notifier.hpp"

#include <map>
#include <set>

#include <sys/random.h>
#include <sys/stat.h>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "async/event.hpp"
#include "async/task_group.hpp"
#include "async/time_source.hpp"
#include "base/log.hpp"
#include "base/safe_path.hpp"
#include "http/client.hpp"
#include "notify/attempt.hpp"
#include "notify/host_list.hpp"

namespace tango::notify {
namespace {

using base::Error;
using base::ErrorKind;
using base::Millis;
using base::Result;
using boost::asio::awaitable;
using store::Callback;

// An answer to a callback is only its status.
constexpr std::uint64_t kAnswerBytesMax = 64 * 1024;
// How many due ones are looked at: more than run at once, so that a dead host's do not hide others.
constexpr std::size_t kLookMax = 1000;
// When the store could not be read.
constexpr Millis kLookAgain{1'000};
// A time_point has no room for "for ever".
constexpr Millis kNever{24 * 3'600'000};

std::string boundary() {
  std::array<unsigned char, 16> bytes{};
  TANGO_ASSERT(::getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()),
               "no random bytes");
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text = "tango-";
  for (const unsigned char byte : bytes) {
    text.push_back(kDigits[byte >> 4U]);
    text.push_back(kDigits[byte & 0xfU]);
  }
  return text;
}

std::string hostOf(const std::string& url) {
  const Result<http::Url> parsed = http::parseUrl(url);
  return parsed ? parsed->host + ":" + std::to_string(parsed->port) : "";
}

Result<http::ClientRequest> requestOf(const Callback& callback, base::UniqueFd output,
                                      Millis timeout) {
  struct stat status{};
  if (::fstat(output.get(), &status) != 0) {
    return base::systemError(errno, "look at the output");
  }
  const std::string mark = boundary();
  http::ClientRequest request;
  request.method = "POST";
  request.url = callback.url;
  request.timeout = timeout;
  request.answer_bytes_max = kAnswerBytesMax;
  request.headers = {{"Content-Type", "multipart/form-data; boundary=" + mark},
                     {"Filename", callback.output_file}};
  request.body.push_back({"--" + mark +
                              "\r\nContent-Disposition: form-data; name=\"file\"; "
                              "filename=\"file\"\r\nContent-Type: application/octet-stream\r\n\r\n",
                          {},
                          0,
                          0});
  request.body.push_back({"", std::move(output), 0, static_cast<std::uint64_t>(status.st_size)});
  request.body.push_back({"\r\n--" + mark + "--\r\n", {}, 0, 0});
  return request;
}

class OutboxNotifier final : public Notifier {
 public:
  OutboxNotifier(const boost::asio::any_io_executor& executor, store::JobStore& store,
                 NotifierConfig config,
                 std::function<Result<base::UniqueFd>(std::int64_t)> open_output,
                 base::WallClock now)
      : executor_(executor),
        store_(store),
        config_(std::move(config)),
        open_output_(std::move(open_output)),
        now_(std::move(now)),
        client_(executor, clientConfig()),
        changed_(executor),
        stop_(executor),
        attempts_(executor) {}

  awaitable<void> run() override;
  void wake() override {
    woken_ = true;
    changed_.notifyAll();
  }
  void stop() override {
    stop_.set();
    wake();
  }

 private:
  [[nodiscard]] http::ClientConfig clientConfig() const;
  awaitable<Result<void>> startDue(base::UnixMillis now);
  awaitable<void> sleep(base::UnixMillis looked_at, bool failed);
  awaitable<void> attempt(Callback callback, std::string host);
  awaitable<AttemptEnd> send(const Callback& callback);
  awaitable<void> settle(const Callback& callback, AttemptEnd end);

  const boost::asio::any_io_executor executor_;
  store::JobStore& store_;
  const NotifierConfig config_;
  const std::function<Result<base::UniqueFd>(std::int64_t)> open_output_;
  const base::WallClock now_;
  http::Client client_;
  std::set<std::int64_t> under_way_;
  std::map<std::string, std::size_t> by_host_;
  bool woken_ = false;  ///< since the last look
  async::Signal changed_;
  async::Event stop_;
  async::TaskGroup attempts_;
};

http::ClientConfig OutboxNotifier::clientConfig() const {
  http::ClientConfig config;
  config.ca_file = config_.ca_file;
  config.check_address = [this](const std::string& host, const std::string& address) {
    const bool allowed =
        isAllowed(host, config_.allowed_hosts) || isAllowed(address, config_.allowed_hosts);
    return allowed ? Result<void>()
                   : Error(ErrorKind::kInvalid, "this host may not be called back");
  };
  return config;
}

awaitable<void> OutboxNotifier::run() {
  while (!stop_.isSet()) {
    woken_ = false;
    const base::UnixMillis now = now_();
    const Result<void> started = co_await startDue(now);
    if (!started) {
      base::logError("callbacks: " + started.error().message());
    }
    co_await sleep(now, !started);
  }
  co_await attempts_.allEnded();
}

awaitable<Result<void>> OutboxNotifier::startDue(base::UnixMillis now) {
  const Result<std::vector<Callback>> due = co_await store_.dueCallbacks(now, kLookMax);
  if (!due) {
    co_return due.error();
  }
  for (const Callback& callback : *due) {
    if (stop_.isSet() || under_way_.contains(callback.job_id)) {
      continue;
    }
    const std::string host = hostOf(callback.url);
    if (under_way_.size() >= config_.at_once_max ||
        by_host_[host] >= config_.at_once_per_host_max) {
      continue;  // goes on when an attempt ends
    }
    under_way_.insert(callback.job_id);
    ++by_host_[host];
    attempts_.start(attempt(callback, host));
  }
  co_return Result<void>();
}

// Until the next one is due, or something has changed: an attempt's end is a change too, and what
// was held back goes on then.
awaitable<void> OutboxNotifier::sleep(base::UnixMillis looked_at, bool failed) {
  using namespace boost::asio::experimental::awaitable_operators;
  Millis pause = kLookAgain;
  if (!failed) {
    const Result<std::optional<base::UnixMillis>> next = co_await store_.nextCallbackDue(looked_at);
    if (next) {
      pause = *next ? Millis(std::max<std::int64_t>(0, **next - now_())) : kNever;
    }
  }
  if (woken_) {
    co_return;
  }
  boost::asio::steady_timer timer(executor_, std::min(pause, kNever));
  co_await (changed_.next() || timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable)));
}

awaitable<void> OutboxNotifier::attempt(Callback callback, std::string host) {
  using namespace boost::asio::experimental::awaitable_operators;
  auto first = co_await (send(callback) || stop_.wait());
  if (first.index() == 0) {
    co_await settle(callback, std::get<0>(std::move(first)));
  }
  under_way_.erase(callback.job_id);
  if (--by_host_[host] == 0) {
    by_host_.erase(host);
  }
  wake();
}

awaitable<AttemptEnd> OutboxNotifier::send(const Callback& callback) {
  Result<base::UniqueFd> output = open_output_(callback.job_id);
  if (!output) {
    co_return AttemptEnd{false, "its output is not there: " + output.error().message(),
                         std::nullopt, true};
  }
  Result<http::ClientRequest> request =
      requestOf(callback, *std::move(output), config_.attempt_timeout);
  if (!request) {
    co_return AttemptEnd{false, request.error().message(), std::nullopt, false};
  }
  const Result<http::ClientResponse> response = co_await client_.send(*std::move(request));
  co_return judge(response);
}

awaitable<void> OutboxNotifier::settle(const Callback& callback, AttemptEnd end) {
  const std::string label = "callback of job " + std::to_string(callback.job_id);
  Result<void> stored;
  if (end.sent) {
    stored = co_await store_.callbackSent(callback.job_id);
  } else {
    const int failed = callback.attempts + 1;
    const base::UnixMillis due = now_() + pauseAfter(failed, end, config_).count();
    const bool give_up = (end.refused && failed >= kRefusalsMax) ||
                         due > callback.created + config_.give_up_after.count();
    base::logWarning(label + " to " + hostOf(callback.url) + ": " + end.error +
                     (give_up ? "; given up" : "; tried again later"));
    stored = co_await store_.callbackFailed(callback.job_id, end.error, due, give_up);
  }
  if (!stored) {
    base::logError(label + ": " + stored.error().message());
  }
}

}  // namespace

std::unique_ptr<Notifier> Notifier::make(
    boost::asio::any_io_executor executor, store::JobStore& store, NotifierConfig config,
    std::function<Result<base::UniqueFd>(std::int64_t)> open_output, base::WallClock now) {
  return std::make_unique<OutboxNotifier>(executor, store, std::move(config),
                                          std::move(open_output), std::move(now));
}

}  // namespace tango::notify
