// What the service's thread asks a thread of the store to do, and how the answer comes back.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/result.hpp"
#include "store/completion.hpp"
#include "store/session.hpp"

namespace tango::store {

/// Made and delivered on the service's thread, done on the store's: by one at a time.
class Request {
 public:
  Request() = default;
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;
  virtual ~Request() = default;

  /// May be done anew after it was undone. What was wrong with the request itself shows before it
  /// writes anything; what fails in the database sticks to the session's connection.
  virtual void run(Session& session) = 0;
  /// Whatever `run` made of it, it failed.
  virtual void fail(const base::Error& error) = 0;
  [[nodiscard]] virtual bool failed() const = 0;
  /// Whether somebody waits for its answer.
  [[nodiscard]] virtual bool answered() const = 0;
  /// How long it may be held for company, so that several share one commit.
  [[nodiscard]] virtual std::chrono::milliseconds hold() const = 0;
  /// Gives the answer to whoever waits.
  virtual void deliver() = 0;
};

using Batch = std::vector<std::unique_ptr<Request>>;

/// The answer to one request, on its way.
template <class T>
class Reply {
 public:
  explicit Reply(const boost::asio::any_io_executor& executor) : completion_(executor) {}

  void set(base::Result<T> value) {
    value_.emplace(std::move(value));
    completion_.complete();
  }
  void abandon() { completion_.abandon(); }

  static boost::asio::awaitable<base::Result<T>> wait(std::shared_ptr<Reply> reply) {
    co_await reply->completion_.wait();
    co_return *std::move(reply->value_);
  }

 private:
  Completion completion_;
  std::optional<base::Result<T>> value_;
};

/// `Work` gives a Result<T> for a Session&.
template <class T, class Work>
class AnsweredRequest : public Request {
 public:
  AnsweredRequest(Work work, std::shared_ptr<Reply<T>> reply, std::chrono::milliseconds hold)
      : work_(std::move(work)), reply_(std::move(reply)), hold_(hold) {}
  ~AnsweredRequest() override {
    if (reply_) {
      reply_->abandon();
    }
  }

  void run(Session& session) override { result_.emplace(work_(session)); }
  void fail(const base::Error& error) override { result_.emplace(error); }
  [[nodiscard]] bool failed() const override { return result_ && !result_->ok(); }
  [[nodiscard]] bool answered() const override { return true; }
  [[nodiscard]] std::chrono::milliseconds hold() const override { return hold_; }
  void deliver() override { std::exchange(reply_, nullptr)->set(*std::move(result_)); }

 private:
  Work work_;
  std::shared_ptr<Reply<T>> reply_;
  const std::chrono::milliseconds hold_;
  std::optional<base::Result<T>> result_;
};

/// How long what nobody waits for may be held.
inline constexpr std::chrono::milliseconds kSilentHold{20};

/// Nobody waits for it: it is tried again while nothing can be stored.
template <class Work>
class SilentRequest : public Request {
 public:
  explicit SilentRequest(Work work) : work_(std::move(work)) {}

  void run(Session& session) override {
    failed_ = false;
    work_(session);
  }
  void fail(const base::Error& /*error*/) override { failed_ = true; }
  [[nodiscard]] bool failed() const override { return failed_; }
  [[nodiscard]] bool answered() const override { return false; }
  [[nodiscard]] std::chrono::milliseconds hold() const override { return kSilentHold; }
  void deliver() override {}

 private:
  Work work_;
  bool failed_ = false;
};

/// Delivers a batch on the service's thread; posted there as a whole.
class Delivery {
 public:
  explicit Delivery(Batch batch) : batch_(std::move(batch)) {}
  void operator()() {
    for (const std::unique_ptr<Request>& request : batch_) {
      request->deliver();
    }
  }

 private:
  Batch batch_;
};

}  // namespace tango::store
