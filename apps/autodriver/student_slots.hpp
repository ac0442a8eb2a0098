// Where students' commands have their files in a container: slots, each with a user id and a file
// system in memory of its own, which whoever makes the container has mounted. No right of
// autodriver's is enough to mount one, nor to make a namespace; see
// docs/decisions/0013-a-second-user-in-slots.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "base/result.hpp"
#include "sandbox/spec.hpp"
#include "sandbox/student/messages.hpp"

namespace tango::autodriver {

using base::Result;

/// A file system of root's, with the service's socket (kStudentSocketOfDriver) and, as folders 1 to
/// kStudentRunsMax, the slots.
inline constexpr const char* kStudentFolder = "/run/tango-student";

/// A user and a shield for each slot.
inline constexpr unsigned kStudentIds = 2 * sandbox::kStudentRunsMax;

struct StudentPlan {
  unsigned slots = 0;             ///< 0: nobody here runs commands for a grader
  uid_t first_id = 0;             ///< of slot 0: user and group; each slot has the next
  sandbox::StudentLimits limits;  ///< of a run that asks for nothing

  [[nodiscard]] std::vector<uid_t> userIds() const;
};

[[nodiscard]] std::string slotFolder(unsigned slot);
[[nodiscard]] sandbox::JobUser slotUser(const StudentPlan& plan, unsigned slot);
/// Of those who kill what is in the slot (identity.hpp). Each slot has its own: several are at it
/// at once, and two with the same would kill each other.
[[nodiscard]] uid_t slotShield(const StudentPlan& plan, unsigned slot);

/// The first of kStudentIds ids that no line of `passwd` names. All containers of a host count
/// a user's processes together, so `random` is to differ: over a range that is nobody's, or, where
/// `few`, in one below 65536 (of those that systemd lists as unused).
[[nodiscard]] uid_t firstStudentId(std::uint32_t random, bool few, std::string_view passwd);

/// Makes the slots that are mounted ready, each for a user of its own; none is no error.
/// `memory_bytes`: of the container; 0: unknown.
Result<StudentPlan> prepareStudentSlots(std::string_view passwd, std::uint64_t memory_bytes);

/// Kills what is alive in the slot and removes what lies in it. An error: it must not be used
/// again.
Result<void> cleanSlot(const StudentPlan& plan, unsigned slot);

}  // namespace tango::autodriver
