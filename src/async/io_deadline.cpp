#include "async/io_deadline.hpp"

#include <utility>

#include <boost/asio/steady_timer.hpp>

namespace tango::async {
namespace {

constexpr base::Deadline kNever = base::Deadline::max();

}  // namespace

struct IoDeadline::State : std::enable_shared_from_this<State> {
  State(const boost::asio::any_io_executor& executor, std::function<void()> then)
      : timer(executor), on_passed(std::move(then)) {}

  void arm() {
    armed = due;
    timer.expires_at(due);
    timer.async_wait([weak = weak_from_this()](const boost::system::error_code& cancelled) {
      const std::shared_ptr<State> self = weak.lock();
      if (self && !cancelled) {
        self->wentOff();
      }
    });
  }

  void wentOff() {
    armed = kNever;
    if (due == kNever) {
      return;
    }
    if (base::SteadyClock::now() < due) {
      arm();
      return;
    }
    due = kNever;
    passed = true;
    on_passed();
  }

  boost::asio::steady_timer timer;
  const std::function<void()> on_passed;
  base::Deadline due = kNever;
  base::Deadline armed = kNever;  // when the timer goes off
  bool passed = false;
};

IoDeadline::IoDeadline(const boost::asio::any_io_executor& executor,
                       std::function<void()> on_passed)
    : state_(std::make_shared<State>(executor, std::move(on_passed))) {}

IoDeadline::~IoDeadline() = default;

void IoDeadline::setAt(base::Deadline due) {
  state_->passed = false;
  state_->due = due;
  if (state_->due < state_->armed) {
    state_->arm();
  }
}

void IoDeadline::clear() {
  state_->passed = false;
  state_->due = kNever;
}

bool IoDeadline::passed() const {
  return state_->passed;
}

}  // namespace tango::async
