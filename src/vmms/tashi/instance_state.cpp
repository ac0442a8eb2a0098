#include "vmms/tashi/instance_state.hpp"

namespace tango::vmms::tashi {
namespace {

using State = remote::Instance::State;

enum TashiState : std::int64_t {
  kRunning = 3,
  kPausing = 4,
  kPaused = 5,
  kUnpausing = 6,
  kSuspending = 7,
  kMigratePrep = 9,
  kMigrateTrans = 10,
  kShuttingDown = 11,
  kDestroying = 12,
  kOrphaned = 13,
  kHeld = 14,
  kExited = 15,
  kSuspended = 16,
};

}  // namespace

// Orphaned is each running instance of a cluster manager that has just been started, and of a host
// that it has not heard of for a while: mostly it still runs. Who speaks with it notices if not.
StateMeaning meaningOf(std::int64_t tashi_state) {
  switch (tashi_state) {
    case kRunning:
    case kPausing:
    case kPaused:
    case kUnpausing:
    case kMigratePrep:
    case kMigrateTrans:
    case kOrphaned:
      return {State::kRunning, "", false};
    case kShuttingDown:
      return {State::kLeaving, "Tashi shuts it down (ShuttingDown)", false};
    case kDestroying:
      return {State::kLeaving, "Tashi destroys it (Destroying)", false};
    case kSuspending:
      return {State::kLeaving, "Tashi suspends it (Suspending)", false};
    case kSuspended:
      return {State::kLeaving, "Tashi has suspended it (Suspended)", true};
    case kHeld:
      return {State::kLeaving,
              "Tashi holds it (Held): the host that was to start it failed, and that host's node "
              "manager logged why",
              true};
    case kExited:
      return {State::kLeaving, "it has ended by itself (Exited)", true};
    default:
      return {State::kPending, "", false};
  }
}

}  // namespace tango::vmms::tashi
