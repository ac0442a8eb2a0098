#include "vmms/remote/leases.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "async/within.hpp"
#include "base/assert.hpp"
#include "base/log.hpp"
#include "vmms/remote/shell_commands.hpp"

namespace tango::vmms::remote {
namespace {

using base::Millis;
using boost::asio::awaitable;

// So that some beats may be lost before a lease is.
constexpr int kBeatsALease = 3;

}  // namespace

Leases::Leases(GroundPtr ground, LookerPtr looker, std::shared_ptr<Reaching> reaching,
               std::shared_ptr<Sessions> sessions)
    : ground_(std::move(ground)),
      looker_(std::move(looker)),
      reaching_(std::move(reaching)),
      sessions_(std::move(sessions)),
      stopping_(ground_->executor),
      ended_(ground_->executor) {
  ended_.set();
}

// The handler holds the object, so that it outlives what runs for it.
void Leases::spawn(awaitable<void> task) {
  ++running_;
  ended_.reset();
  boost::asio::co_spawn(ground_->executor, std::move(task),
                        [self = shared_from_this()](const std::exception_ptr& thrown) {
                          TANGO_ASSERT(!thrown, "renewing a lease threw");
                          if (--self->running_ == 0) {
                            self->ended_.set();
                          }
                        });
}

void Leases::start() {
  spawn(keepRenewing(shared_from_this()));
}

awaitable<void> Leases::keepRenewing(std::shared_ptr<Leases> self) {
  using namespace boost::asio::experimental::awaitable_operators;
  for (;;) {
    co_await (self->ground_->pause(self->ground_->config.lease / kBeatsALease) ||
              self->stopping_.wait());
    if (self->stopping_.isSet()) {
      co_return;
    }
    for (const MachinePtr& machine : self->looker_->watched()) {
      if (machine->session) {
        self->spawn(renew(self, machine));
      }
    }
    co_await self->renewWithCloud();
  }
}

awaitable<void> Leases::renew(std::shared_ptr<Leases> self, MachinePtr machine) {
  using namespace boost::asio::experimental::awaitable_operators;
  const auto first =
      co_await (unlessEnded(machine, self->renewMachine(machine)) || self->stopping_.wait());
  if (first.index() == 0 && !std::get<0>(first) && !machine->ended.isSet()) {
    base::logWarning("remote: the lease of " + machine->name.text() +
                     " was not renewed: " + std::get<0>(first).error().message());
  }
}

awaitable<Result<void>> Leases::renewMachine(MachinePtr machine) {
  // A call under way takes a broken connection up again by itself.
  const bool in_good_hands = machine->busy && !machine->isAttached();
  Result<void> told;
  if (!in_good_hands) {
    told = co_await async::within(base::after(ground_->config.lease / kBeatsALease),
                                  sessions_->beat(machine), "autodriver does not answer");
  }
  if (told) {
    told = co_await setEnd(machine);
  }
  const Result<void> compared = co_await reaching_->compare(machine);
  if (!compared) {
    machine->lose(compared.error());
  }
  co_return told;
}

awaitable<Result<void>> Leases::setEnd(MachinePtr machine) {
  if (!ground_->config.shuts_down) {
    co_return Result<void>();
  }
  const auto minutes = std::chrono::ceil<std::chrono::minutes>(ground_->config.lease).count();
  Result<void> set =
      co_await carriedOut(reaching_->connection(*machine),
                          shutdownCommand(machine->as_root, static_cast<std::uint64_t>(minutes)));
  co_return set ? set : set.error().during("set when the machine ends by itself");
}

awaitable<void> Leases::renewWithCloud() {
  std::vector<std::string> ids;
  for (const MachinePtr& machine : looker_->watched()) {
    ids.push_back(machine->id);
  }
  if (ids.empty()) {
    co_return;
  }
  const Result<void> renewed = co_await ground_->cloud->renew(std::move(ids));
  if (!renewed) {
    base::logWarning("remote: the cloud did not renew the machines' leases: " +
                     renewed.error().message());
  }
}

}  // namespace tango::vmms::remote
