#include "pool/vm_endings.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "base/log.hpp"

namespace tango::pool {

using base::Result;
using boost::asio::awaitable;

awaitable<Result<void>> VmEndings::attempt(vmms::Vmms& vmms, model::Vm vm) {
  Result<void> gone = co_await vmms.safeDestroyVM(std::move(vm), time_.now() + destroy_timeout_);
  co_return gone;
}

awaitable<void> VmEndings::destroy(vmms::Vmms& vmms, model::Vm vm, bool in_order) {
  if (in_order) {
    const Result<void> destroyed = co_await vmms.destroyVM(vm);
    if (destroyed) {
      co_return;
    }
  }
  Backoff pause = pause_;
  for (;;) {
    const Result<void> gone = co_await attempt(vmms, vm);
    if (gone) {
      co_return;
    }
    base::logWarning("pool: " + gone.error().message());
    if (stopping_.isSet()) {
      co_return;
    }
    pause.failed(time_.now());
    co_await pauseUntil(pause.until());
  }
}

awaitable<void> VmEndings::pauseUntil(base::Deadline due) {
  using namespace boost::asio::experimental::awaitable_operators;
  if (!stopping_.isSet()) {
    co_await (async::wait(time_.alarm(executor_, due)) || stopping_.wait());
  }
}

}  // namespace tango::pool
