// The slots whose last job has ended in order: the next jobs' VMs are made of them.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "async/io_deadline.hpp"
#include "model/machine_spec.hpp"
#include "vmms/sandbox/slot.hpp"

namespace tango::vmms {

class WarmSlots {
 public:
  /// At most `slots_max` are kept, the newest; 0: none.
  WarmSlots(const boost::asio::any_io_executor& executor, std::size_t slots_max);
  WarmSlots(const WarmSlots&) = delete;
  WarmSlots& operator=(const WarmSlots&) = delete;
  /// Closes all.
  ~WarmSlots();

  /// One for a machine like `spec`: a renewed one if there is any, else one whose renewal is to be
  /// waited for if a new slot beside `in_use` others would be one too many. Null: make a new one.
  std::shared_ptr<Slot> take(const model::MachineSpec& spec, std::size_t in_use);

  /// When a slot is renewed, which takes the processor from whatever else there is to do.
  enum class Renewal {
    kNow,
    /// When whoever waits for the result of its last job has it.
    kSoon,
  };
  void keep(const model::MachineSpec& spec, std::shared_ptr<Slot> slot, Renewal renewal);

  /// Closes those of `image`, which was made anew or removed.
  void drop(const std::string& image);

 private:
  struct WarmSlot {
    model::MachineSpec spec;
    std::shared_ptr<Slot> slot;
    bool used = false;  ///< its last job is still to be ended
  };

  void renewUsed();

  const std::size_t slots_max_;
  std::deque<WarmSlot> slots_;  ///< oldest first
  async::IoDeadline renewal_due_;
};

}  // namespace tango::vmms
