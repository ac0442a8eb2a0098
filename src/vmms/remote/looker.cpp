#include "vmms/remote/looker.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/assert.hpp"
#include "base/log.hpp"

namespace tango::vmms::remote {
namespace {

using base::Deadline;
using base::Error;
using base::ErrorKind;
using base::SteadyClock;
using boost::asio::awaitable;
using State = Instance::State;

bool isAlive(const Instance& instance) {
  return instance.state == State::kPending || instance.state == State::kRunning;
}

Error lostError(const Instance& instance) {
  const char* what = instance.state == State::kGone ? "the cloud has ended the machine"
                                                    : "the cloud is ending the machine";
  return {ErrorKind::kSystem,
          instance.reason.empty() ? std::string(what) : std::string(what) + ": " + instance.reason};
}

}  // namespace

Looker::Awaiting::Awaiting(std::shared_ptr<Looker> looker) : looker_(std::move(looker)) {
  ++looker_->awaiting_;
  looker_->wake_.notifyAll();
}

Looker::Looker(GroundPtr ground)
    : ground_(std::move(ground)),
      backoff_(ground_->config.look_often, ground_->config.look_seldom),
      wake_(ground_->executor),
      looked_(ground_->executor),
      stopping_(ground_->executor),
      ended_(ground_->executor) {
  ended_.set();
}

void Looker::start() {
  ended_.reset();
  boost::asio::co_spawn(ground_->executor, keepLooking(shared_from_this()),
                        [self = shared_from_this()](const std::exception_ptr& thrown) {
                          TANGO_ASSERT(!thrown, "looking at the cloud threw");
                          self->ended_.set();
                        });
}

void Looker::stop() {
  stopping_.set();
}

void Looker::hurry() {
  hurried_ = true;
  wake_.notifyAll();
}

awaitable<void> Looker::keepLooking(std::shared_ptr<Looker> self) {
  using namespace boost::asio::experimental::awaitable_operators;
  while (!self->stopping_.isSet()) {
    if (!self->hasReason()) {
      co_await (self->wake_.next() || self->stopping_.wait());
      continue;
    }
    co_await self->pause();
    if (!self->stopping_.isSet() && self->hasReason()) {
      static_cast<void>(co_await self->look());
      co_await self->destroyAgain();
    }
  }
}

// Anew, when somebody begins to wait meanwhile: then the pause is a shorter one.
awaitable<void> Looker::pause() {
  using namespace boost::asio::experimental::awaitable_operators;
  const Deadline begun = SteadyClock::now();
  while (!stopping_.isSet() && !std::exchange(hurried_, false)) {
    const base::Millis pause =
        awaiting_ > 0 ? ground_->config.look_often : ground_->config.look_seldom;
    const Deadline due = backoff_.failing() ? backoff_.until() : begun + pause;
    if (SteadyClock::now() >= due) {
      co_return;
    }
    boost::asio::steady_timer timer(ground_->executor, due);
    co_await (timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable)) || wake_.next() ||
              stopping_.wait());
  }
}

void Looker::noteFailure(const Error& error) {
  if (trouble_.empty()) {
    base::logWarning("remote: the cloud does not tell its machines: " + error.message());
  }
  trouble_ = error.message();
  backoff_.failed(SteadyClock::now());
}

awaitable<Result<void>> Looker::look() {
  const Deadline asked_at = SteadyClock::now();
  Result<std::vector<Instance>> list = co_await ground_->cloud->list();
  if (!list) {
    noteFailure(list.error());
    co_return list.error();
  }
  trouble_.clear();
  backoff_.succeeded();
  if (!looked_at_ || asked_at >= *looked_at_) {  // else a later one was sooner answered
    looked_at_ = asked_at;
    listed_ = *std::move(list);
    tellAll(asked_at);
  }
  looked_.notifyAll();
  co_return Result<void>();
}

void Looker::tellAll(Deadline asked_at) {
  std::erase_if(watched_, [](const auto& each) {
    const MachinePtr machine = each.lock();
    return !machine || machine->isDestroyed();
  });
  for (const MachinePtr& machine : watched()) {
    if (machine->seen_at <= asked_at) {
      tell(*machine, asked_at);
    }
  }
  const base::Millis missing_max = ground_->config.missing_max;
  std::erase_if(departed_, [&](const Departed& each) {
    return asked_at - each.since > missing_max &&
           std::none_of(listed_.begin(), listed_.end(), [&each](const Instance& instance) {
             return instance.state != State::kGone &&
                    (each.id.empty() ? instance.name.text() == each.name : instance.id == each.id);
           });
  });
}

void Looker::tell(Machine& machine, Deadline asked_at) const {
  const auto found = std::find_if(listed_.begin(), listed_.end(), [&machine](const Instance& each) {
    return each.id == machine.id;
  });
  if (found == listed_.end()) {
    if (asked_at - machine.seen_at > ground_->config.missing_max) {
      machine.lose(Error(ErrorKind::kSystem, "the cloud has the machine no more"));
    }
    return;
  }
  machine.seen_at = asked_at;
  if (!isAlive(*found)) {
    machine.lose(lostError(*found));
    return;
  }
  const std::string before = std::exchange(machine.seen, *found).address;
  if (machine.seen.address.empty()) {  // for a while, between two
    machine.seen.address = before;
  }
  const bool moved = !machine.connected_to.empty() && machine.seen.address != machine.connected_to;
  if (moved && machine.isAttached()) {
    // Whoever speaks with it takes the connection up again, at the new address.
    machine.session->close();
  }
}

bool Looker::isDeparted(const Instance& instance) const {
  const std::string name = instance.name.text();
  const bool by_id = std::any_of(departed_.begin(), departed_.end(), [&](const Departed& each) {
    return each.id == instance.id && !each.id.empty();
  });
  const bool by_name = std::any_of(departed_.begin(), departed_.end(), [&](const Departed& each) {
    return each.id.empty() && each.name == name;
  });
  return by_id || (by_name && std::none_of(watched_.begin(), watched_.end(), [&](const auto& each) {
                     const MachinePtr machine = each.lock();
                     return machine && machine->id == instance.id;
                   }));
}

awaitable<void> Looker::destroyAgain() {
  for (const Instance& instance : std::vector<Instance>(listed_)) {
    if (isAlive(instance) && isDeparted(instance)) {
      base::logInfo("remote: " + instance.name.text() + " is still there: destroyed again");
      static_cast<void>(co_await ground_->cloud->destroy(instance.id));
    }
  }
}

void Looker::watch(const MachinePtr& machine) {
  machine->seen_at = SteadyClock::now();
  watched_.push_back(machine);
  wake_.notifyAll();
}

std::vector<MachinePtr> Looker::watched() const {
  std::vector<MachinePtr> all;
  for (const auto& each : watched_) {
    const MachinePtr machine = each.lock();
    if (machine && !machine->isDestroyed()) {
      all.push_back(machine);
    }
  }
  return all;
}

void Looker::depart(const model::VmName& name, const std::string& id) {
  departed_.push_back({name.text(), id, SteadyClock::now()});
  wake_.notifyAll();
}

void Looker::expect(const model::VmName& name) {
  std::erase_if(departed_, [key = name.text()](const Departed& each) {
    return each.id.empty() && each.name == key;
  });
}

awaitable<void> Looker::awaitRunning(MachinePtr machine) {
  const Awaiting often(shared_from_this());
  while (machine->seen.state != State::kRunning || machine->seen.address.empty()) {
    machine->trouble = trouble_.empty() ? "the cloud has not started the machine yet"
                                        : "the cloud does not tell its machines: " + trouble_;
    co_await looked_.next();
  }
}

std::vector<Instance> Looker::alive() const {
  std::vector<Instance> all;
  for (const Instance& each : listed_) {
    if (isAlive(each) && !isDeparted(each)) {
      all.push_back(each);
    }
  }
  return all;
}

bool Looker::lists(const model::VmName& name) const {
  return std::any_of(listed_.begin(), listed_.end(), [&name](const Instance& each) {
    return each.state != State::kGone && each.name.text() == name.text();
  });
}

}  // namespace tango::vmms::remote
