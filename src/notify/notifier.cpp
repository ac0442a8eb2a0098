#include "notify/notifier.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "async/event.hpp"
#include "async/task_group.hpp"
#include "base/log.hpp"
#include "http/client.hpp"
#include "notify/attempt.hpp"
#include "notify/callback_line.hpp"
#include "notify/callback_request.hpp"
#include "notify/host_list.hpp"

namespace tango::notify {
namespace {

using base::Error;
using base::ErrorKind;
using base::Millis;
using base::Result;
using boost::asio::awaitable;
using store::Callback;
using Next = AttemptEnd::Next;

// How many due ones are read from the store: more where those of busy hosts come first and there is
// still room for others.
constexpr std::size_t kLookMin = 256;
constexpr std::size_t kLookFactor = 4;
constexpr std::size_t kLookMax = kLookMin * 256;
// A large backlog is read less often, so that the store has time for others.
constexpr std::int64_t kRowsPerMilli = 100;
// When the store could not be read or written.
constexpr Millis kStoreAgain{1'000};
// A timer has no room for "for ever".
constexpr Millis kNever{24 * 3'600'000};

// What is due later was put off by a clock that has been set back since. A receiver's wish is
// prolonged by up to backoff_min.
Millis longestWait(const NotifierConfig& config) {
  return std::max(kHoldMax, std::max(config.backoff_min, config.backoff_max) + config.backoff_min);
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
        line_(config_.at_once_max, config_.at_once_per_host_max),
        pause_(executor),
        stop_(executor),
        attempts_(executor) {}

  awaitable<void> run() override;
  void wake() override {
    woken_ = true;
    pause_.cancel();
  }
  void stop() override {
    stop_.set();
    pause_.cancel();
  }

 private:
  [[nodiscard]] http::ClientConfig clientConfig() const;
  /// How long until the next look, but for a wake; it may be put off for `rest`.
  struct Looked {
    Millis rest{0};
    Millis pause{0};
  };
  awaitable<Looked> look();
  awaitable<Result<std::size_t>> takeDue(base::UnixMillis now);
  awaitable<void> sleep(Looked looked);
  void begin();
  awaitable<void> attempt(Turn turn);
  awaitable<Result<http::BodyPart>> outputOf(std::int64_t job_id);
  awaitable<AttemptEnd> send(const Callback& callback, Result<http::BodyPart> output);
  awaitable<void> settle(const Turn& turn, const AttemptEnd& end);
  bool isGivenUp(const Callback& callback, const AttemptEnd& end, base::UnixMillis due);
  awaitable<void> noteFailure(const Turn& turn, const AttemptEnd& end);
  awaitable<void> pauseOrStop(Millis pause);

  const boost::asio::any_io_executor executor_;
  store::JobStore& store_;
  const NotifierConfig config_;
  const std::function<Result<base::UniqueFd>(std::int64_t)> open_output_;
  const base::WallClock now_;
  http::Client client_;
  CallbackLine line_;
  bool more_due_ = false;                 ///< than were taken into the line
  std::map<std::int64_t, int> refusals_;  ///< in a row, by job
  std::mt19937_64 chance_{std::random_device{}()};
  bool woken_ = false;  ///< since the last look
  boost::asio::steady_timer pause_;
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
                   : Error(ErrorKind::kInvalid, host + " may not be called back here");
  };
  return config;
}

awaitable<void> OutboxNotifier::run() {
  while (!stop_.isSet()) {
    woken_ = false;
    const Looked looked = co_await look();
    co_await sleep(looked);
  }
  co_await attempts_.allEnded();
}

awaitable<OutboxNotifier::Looked> OutboxNotifier::look() {
  const base::UnixMillis now = now_();
  const Result<std::size_t> taken = co_await takeDue(now);
  if (!taken) {
    base::logError("callbacks: " + taken.error().message());
    co_return Looked{kStoreAgain, kStoreAgain};
  }
  const Result<std::optional<base::UnixMillis>> next = co_await store_.nextCallbackDue(now);
  if (!next) {
    base::logError("callbacks: " + next.error().message());
    co_return Looked{kStoreAgain, kStoreAgain};
  }
  const Millis rest(static_cast<std::int64_t>(*taken) / kRowsPerMilli);
  // From the same `now`: the clock may have been set in between.
  co_return Looked{rest, *next ? Millis(**next - now) : kNever};
}

// How many the store has given.
awaitable<Result<std::size_t>> OutboxNotifier::takeDue(base::UnixMillis now) {
  const Millis wait_max = longestWait(config_);
  std::size_t taken = 0;
  for (std::size_t most = kLookMin;; most *= kLookFactor) {
    line_.beginLook();
    Result<std::vector<Callback>> due = co_await store_.dueCallbacks(now, wait_max, most);
    if (due) {
      for (Callback& each : *due) {
        const std::string host = hostOf(each.url);
        line_.add(std::move(each), host);
      }
    }
    line_.endLook();
    if (!due) {
      co_return due.error();
    }
    taken += due->size();
    more_due_ = due->size() >= most;
    begin();
    if (!more_due_ || !line_.hasRoom() || most >= kLookMax || stop_.isSet()) {
      co_return taken;
    }
  }
}

awaitable<void> OutboxNotifier::sleep(Looked looked) {
  const auto looked_at = base::SteadyClock::now();
  pause_.expires_at(looked_at + std::max(looked.rest, std::min(looked.pause, kNever)));
  while (!stop_.isSet()) {
    if (woken_) {
      pause_.expires_at(looked_at + looked.rest);
    }
    const auto [cancelled] =
        co_await pause_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    if (!cancelled) {
      co_return;
    }
  }
}

void OutboxNotifier::begin() {
  while (!stop_.isSet()) {
    std::optional<Turn> turn = line_.next();
    if (!turn) {
      return;
    }
    attempts_.start(attempt(*std::move(turn)));
  }
}

awaitable<void> OutboxNotifier::attempt(Turn turn) {
  using namespace boost::asio::experimental::awaitable_operators;
  Result<http::BodyPart> output = co_await outputOf(turn.callback.job_id);
  auto first = co_await (send(turn.callback, std::move(output)) || stop_.wait());
  std::optional<AttemptEnd> end;
  if (first.index() == 0) {
    end = std::get<0>(std::move(first));
  }
  // While the store notes what came of it, the next one is sent.
  line_.ended(turn.host, end ? end->host_answers : std::nullopt);
  begin();
  if (end) {
    co_await settle(turn, *end);
  }
  line_.settled(turn.callback.job_id);
  const bool tried_again = end && end->next != Next::kNone;
  if (tried_again || (more_due_ && line_.hasRoom())) {
    wake();
  }
}

awaitable<Result<http::BodyPart>> OutboxNotifier::outputOf(std::int64_t job_id) {
  Result<std::optional<std::string>> kept = co_await store_.storedOutput(job_id);
  if (!kept) {
    co_return kept.error();
  }
  if (*kept) {
    http::BodyPart part;
    part.bytes = **std::move(kept);
    co_return part;
  }
  Result<base::UniqueFd> file = open_output_(job_id);
  co_return file ? wholeFile(*std::move(file)) : file.error();
}

awaitable<AttemptEnd> OutboxNotifier::send(const Callback& callback,
                                           Result<http::BodyPart> output) {
  if (!output) {
    const Error why = output.error().during("its output file");
    co_return why.kind() == ErrorKind::kNotFound
        ? cannotBeSent(why)
        : AttemptEnd{Next::kAgain, why.message(), std::nullopt, std::nullopt};
  }
  Result<http::ClientRequest> request =
      requestOf(callback, *std::move(output), config_.attempt_timeout);
  if (!request) {
    co_return cannotBeSent(request.error());
  }
  std::optional<http::ClientResponse> head;
  request->on_head = [&head](const http::ClientResponse& came) {
    head = came;
    return Result<void>();
  };
  request->on_body = [](std::string_view) { return Result<void>(); };
  const Result<http::ClientResponse> response = co_await client_.send(*std::move(request));
  co_return judge(head, response);
}

// A callback that was sent must not be sent again because the store is in trouble: it stays under
// way until the store has noted it.
awaitable<void> OutboxNotifier::settle(const Turn& turn, const AttemptEnd& end) {
  if (end.next != Next::kNone) {
    co_await noteFailure(turn, end);
    co_return;
  }
  refusals_.erase(turn.callback.job_id);
  for (;;) {
    const Result<void> noted = co_await store_.callbackSent(turn.callback.job_id);
    if (noted || stop_.isSet()) {
      co_return;
    }
    base::logError("callback of job " + std::to_string(turn.callback.job_id) +
                   ": it was sent, but: " + noted.error().message());
    co_await pauseOrStop(config_.backoff_min);
  }
}

bool OutboxNotifier::isGivenUp(const Callback& callback, const AttemptEnd& end,
                               base::UnixMillis due) {
  int refusals = 0;
  if (end.next == Next::kRefused) {
    refusals = ++refusals_[callback.job_id];
  }
  const bool given_up = end.next == Next::kHopeless || refusals >= kRefusalsMax ||
                        due > callback.created + config_.give_up_after.count();
  if (given_up || refusals == 0) {
    refusals_.erase(callback.job_id);
  }
  return given_up;
}

awaitable<void> OutboxNotifier::noteFailure(const Turn& turn, const AttemptEnd& end) {
  const Callback& callback = turn.callback;
  const double chance = std::uniform_real_distribution<double>(0, 1)(chance_);
  const base::UnixMillis due =
      now_() + pauseAfter(callback.attempts + 1, end, config_, chance).count();
  const bool given_up = isGivenUp(callback, end, due);
  const std::string label = "callback of job " + std::to_string(callback.job_id) + " to " +
                            (turn.host.empty() ? "no host" : turn.host);
  // Each one's first failure and its last are news.
  base::log(given_up || callback.attempts == 0 ? base::LogLevel::kWarning : base::LogLevel::kDebug,
            label + ": " + end.error + (given_up ? "; given up" : "; tried again later"));
  for (;;) {
    const Result<void> noted =
        co_await store_.callbackFailed(callback.job_id, end.error, due, given_up);
    if (noted || noted.error().kind() == ErrorKind::kNotFound || stop_.isSet()) {
      co_return;
    }
    base::logError(label + ": " + noted.error().message());
    co_await pauseOrStop(config_.backoff_min);
  }
}

awaitable<void> OutboxNotifier::pauseOrStop(Millis pause) {
  using namespace boost::asio::experimental::awaitable_operators;
  boost::asio::steady_timer timer(executor_, pause);
  co_await (timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable)) || stop_.wait());
}

}  // namespace

std::unique_ptr<Notifier> Notifier::make(
    const boost::asio::any_io_executor& executor, store::JobStore& store, NotifierConfig config,
    std::function<Result<base::UniqueFd>(std::int64_t)> open_output, base::WallClock now) {
  return std::make_unique<OutboxNotifier>(executor, store, std::move(config),
                                          std::move(open_output), std::move(now));
}

}  // namespace tango::notify
