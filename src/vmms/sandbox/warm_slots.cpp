#include "vmms/sandbox/warm_slots.hpp"

#include <algorithm>
#include <utility>

#include "base/clock.hpp"

namespace tango::vmms {
namespace {

// Whoever waits for a lone job's result has it by then.
constexpr base::Millis kSoon{3};

}  // namespace

WarmSlots::WarmSlots(const boost::asio::any_io_executor& executor, std::size_t slots_max)
    : slots_max_(slots_max), renewal_due_(executor, [this] { renewUsed(); }) {}

WarmSlots::~WarmSlots() {
  for (const WarmSlot& warm : slots_) {
    warm.slot->close();
  }
}

std::shared_ptr<Slot> WarmSlots::take(const model::MachineSpec& spec, std::size_t in_use) {
  // One that could not be proven clean behind its last job has ended itself.
  std::erase_if(slots_, [](const WarmSlot& warm) { return !warm.slot->alive(); });
  auto found = std::find_if(slots_.begin(), slots_.end(), [&spec](const WarmSlot& warm) {
    return warm.spec == spec && !warm.used && warm.slot->isRenewed();
  });
  // None is: a new one takes longer than to wait once, and spares all jobs behind this one that.
  if (found == slots_.end() && in_use + slots_.size() >= slots_max_) {
    renewUsed();
    found = std::find_if(slots_.begin(), slots_.end(),
                         [&spec](const WarmSlot& warm) { return warm.spec == spec; });
  }
  if (found == slots_.end()) {
    return nullptr;
  }
  std::shared_ptr<Slot> slot = std::move(found->slot);
  slots_.erase(found);
  return slot;
}

void WarmSlots::keep(const model::MachineSpec& spec, std::shared_ptr<Slot> slot, Renewal renewal) {
  slots_.push_back({spec, std::move(slot), true});
  if (renewal == Renewal::kSoon) {
    renewal_due_.set(kSoon);
  } else {
    renewUsed();
  }
  if (slots_.size() > slots_max_) {
    slots_.front().slot->close();
    slots_.pop_front();
  }
}

void WarmSlots::drop(const std::string& image) {
  std::erase_if(slots_, [&image](const WarmSlot& warm) {
    const bool old = warm.spec.image == image;
    if (old) {
      warm.slot->close();
    }
    return old;
  });
}

void WarmSlots::renewUsed() {
  for (WarmSlot& warm : slots_) {
    if (std::exchange(warm.used, false)) {
      warm.slot->renew();
    }
  }
}

}  // namespace tango::vmms
