// The pools of VMs, one a VMMS and machine spec: VMs are made ahead, given to jobs, destroyed
// behind them and replaced, all in the background. What is to be made and destroyed when is
// pool_plan's to say (pool_plan.hpp, pure); this carries it out.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "async/time_source.hpp"
#include "base/clock.hpp"
#include "pool/vm_source.hpp"
#include "vmms/registry.hpp"

namespace tango::pool {

struct PoolsConfig {
  /// The most VMs of one pool (Tango's POOL_SIZE); 0: only the VMMS's capacity bounds it.
  std::uint64_t pool_vms_max = 0;
  /// A VM beyond what was preallocated goes after so long without a job; zero: none is made ahead
  /// that was not preallocated.
  base::Millis idle_timeout{300'000};
  base::Millis wait_vm_timeout{60'000};
  base::Millis destroy_timeout{30'000};
  /// The pause after the first failure to make a VM; it doubles with each one that follows.
  base::Millis backoff_min{1'000};
  base::Millis backoff_max{60'000};
  std::string vm_prefix = "local";
};

struct PoolView {
  PoolKey key;
  std::uint64_t preallocated = 0;   ///< how many are to be kept
  std::vector<std::int64_t> total;  ///< ids, in order
  std::vector<std::int64_t> free;   ///< ready for a job
};

struct BackendView {
  std::string vmms;
  vmms::Capacity capacity;
  /// What all VMs may take now; absent: no host takes any VM.
  std::optional<vmms::Capacity> available;
  vmms::Capacity used;
  bool paused = false;
  std::string reason;        ///< the last failure, while paused
  base::Millis retry_in{0};  ///< while paused
};

class Pools : public VmSource {
 public:
  /// Hands out the next number for a VM; unique for ever (JobStore::reserveVmIds behind it).
  using NextVmId = std::function<boost::asio::awaitable<base::Result<std::int64_t>>()>;

  static std::unique_ptr<Pools> make(boost::asio::any_io_executor executor,
                                     const vmms::Registry& registry, PoolsConfig config,
                                     NextVmId next_vm_id, async::TimeSource time = {});

  /// Begins to destroy every VM of ours that an earlier service left, and returns at once. On each
  /// VMMS no VM is made before its list was had and each of them is gone, or was tried once.
  virtual boost::asio::awaitable<void> reap() = 0;
  /// From now on `vms` VMs are kept free for `key`; 0: none. Returns at once. kNotFound: no such
  /// VMMS; kTooLarge: more than fit.
  virtual base::Result<void> preallocate(PoolKey key, std::uint64_t vms) = 0;
  /// VMs of `image` that no job has yet are replaced: the image was made anew or removed.
  virtual void renewImage(const std::string& vmms, const std::string& image) = 0;
  /// What some VMMS has for its VMs has changed: its hosts come and go.
  virtual void capacityChanged() = 0;
  /// Sets a VM, or the room for one, aside for the next `take` of `key`, which then need not wait.
  /// False: there is no room now; what stands idle in other pools begins to give way, and onRoom
  /// tells when to ask again.
  [[nodiscard]] virtual bool reserve(const PoolKey& key) = 0;
  /// Gives a reservation back that no `take` will use.
  virtual void unreserve(const PoolKey& key) = 0;
  /// Whether `key` could ever be had on its VMMS: kTooLarge says what is too much.
  [[nodiscard]] virtual base::Result<void> checkFits(const PoolKey& key) const = 0;
  /// Called whenever `reserve` may succeed that did not before.
  virtual void onRoom(std::function<void()> listener) = 0;
  [[nodiscard]] virtual std::vector<PoolView> view() const = 0;
  [[nodiscard]] virtual std::vector<BackendView> backends() const = 0;
  /// Makes no more VMs and destroys all that no job has, until `deadline`. What a job still has is
  /// its own to give back.
  virtual boost::asio::awaitable<void> drain(base::Deadline deadline) = 0;
};

}  // namespace tango::pool
