// Destroys VMs, each until it is gone: before that what it takes is not free.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "async/event.hpp"
#include "async/time_source.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "model/vm.hpp"
#include "pool/pool_plan.hpp"
#include "vmms/vmms.hpp"

namespace tango::pool {

class VmEndings {
 public:
  /// `destroy_timeout`: of one attempt. `pause` is the one between attempts, when it has not failed
  /// yet. `time` is borrowed.
  VmEndings(boost::asio::any_io_executor executor, const async::TimeSource& time,
            base::Millis destroy_timeout, Backoff pause)
      : executor_(std::move(executor)),
        time_(time),
        destroy_timeout_(destroy_timeout),
        pause_(pause),
        stopping_(executor_) {}

  /// Returns when it is gone, or when the service stops and it could not be destroyed.
  /// `in_order`: its VMMS may reset it.
  boost::asio::awaitable<void> destroy(vmms::Vmms& vmms, model::Vm vm, bool in_order);

  /// One attempt that is bounded by `destroy_timeout`: ok means that it is gone.
  boost::asio::awaitable<base::Result<void>> attempt(vmms::Vmms& vmms, model::Vm vm);

  /// From now on whatever fails is not tried again, and nobody pauses.
  void stop() { stopping_.set(); }
  [[nodiscard]] bool stopping() const { return stopping_.isSet(); }
  /// Returns at `due`, or when the service stops.
  boost::asio::awaitable<void> pauseUntil(base::Deadline due);

 private:
  const boost::asio::any_io_executor executor_;
  const async::TimeSource& time_;
  const base::Millis destroy_timeout_;
  const Backoff pause_;
  async::Event stopping_;
};

}  // namespace tango::pool
