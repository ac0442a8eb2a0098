// One call on a VM, as the contract in vmms.hpp has it, for backends that keep a record of each.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "base/result.hpp"

namespace tango::vmms {

/// What a call ends with whose VM is destroyed meanwhile.
inline base::Error destroyedError() {
  return {base::ErrorKind::kCancelled, "the VM was destroyed"};
}

/// The machine is busy meanwhile, and broken behind it unless the call succeeded. A Machine has a
/// `name`, a flag `busy`, a `step` of an enum with kBroken in it, and isDestroyed().
template <class Machine>
class Call {
 public:
  using Step = decltype(Machine::step);

  explicit Call(std::shared_ptr<Machine> machine) : machine_(std::move(machine)) {
    machine_->busy = true;
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() {
    machine_->busy = false;
    machine_->step = next_;
  }
  void succeed(Step next) { next_ = next; }
  /// The error of `result` as the caller shall see it: what a destruction brought about, or came
  /// too late for, was asked for.
  template <class T>
  [[nodiscard]] base::Error failed(const base::Result<T>& result, const char* method) const {
    const base::Error seen = machine_->isDestroyed() ? destroyedError() : result.error();
    return seen.during(std::string(method) + " " + machine_->name.text());
  }

 private:
  std::shared_ptr<Machine> machine_;
  Step next_ = Step::kBroken;
};

}  // namespace tango::vmms
