// VMs made for one job each, straight from a VMMS: no pool, no waiting.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.hpp"
#include "pool/vm_source.hpp"
#include "vmms/vmms.hpp"

namespace tango::pool {

class DirectSource final : public VmSource {
 public:
  /// `vmms` is borrowed. The VMs are called `prefix`-ID-IMAGE, with ids from `first_id` on.
  DirectSource(vmms::Vmms& vmms, std::string prefix, std::int64_t first_id,
               base::Millis destroy_timeout = base::Millis(30'000))
      : vmms_(vmms),
        prefix_(std::move(prefix)),
        next_id_(first_id),
        destroy_timeout_(destroy_timeout) {}

  boost::asio::awaitable<base::Result<TakenVm>> take(
      PoolKey key, Try which, std::shared_ptr<async::Event> give_up) override;
  /// Returns once it is destroyed.
  boost::asio::awaitable<base::Result<void>> giveBack(model::Vm vm, bool in_order) override;

 private:
  vmms::Vmms& vmms_;
  const std::string prefix_;
  std::int64_t next_id_;
  const base::Millis destroy_timeout_;
};

}  // namespace tango::pool
