// What Tashi's states of an instance mean for us: tashi.rpycservices.rpyctypes.InstanceState.
#pragma once

#include <cstdint>
#include <string>

#include "vmms/remote/cloud.hpp"

namespace tango::vmms::tashi {

struct StateMeaning {
  remote::Instance::State state = remote::Instance::State::kPending;
  std::string reason;  ///< why it leaves; "": it does not
  /// It stays as it is, of no use and in the way of others, until somebody destroys it.
  bool stuck = false;
};

/// A number that Tashi has no state for means kPending: it may come to run.
[[nodiscard]] StateMeaning meaningOf(std::int64_t tashi_state);

}  // namespace tango::vmms::tashi
