#include "autodriver/student_slots.hpp"

#include <array>
#include <cerrno>
#include <ctime>
#include <optional>

#include <linux/magic.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "autodriver/child.hpp"
#include "autodriver/identity.hpp"
#include "autodriver/scratch.hpp"
#include "autodriver/sweep.hpp"
#include "drive/account.hpp"

namespace tango::autodriver {
namespace {

using base::after;
using base::Error;
using base::ErrorKind;
using base::Millis;
using base::systemError;
using sandbox::JobUser;
using sandbox::kStudentRunsMax;

constexpr Millis kDeathMax{10'000};
constexpr Millis kSweepMax{20'000};

struct Folder {
  const char* name;
  bool students;  // or root's
};
// Those above before those below; all of sandbox::kScratchFolders is among them.
constexpr std::array kFolders = {Folder{"/home", true}, Folder{"/tmp", true},
                                 Folder{"/var", false}, Folder{"/var/tmp", true},
                                 Folder{"/dev", false}, Folder{"/dev/shm", true}};
constexpr std::uint64_t kInodesWhenClean = kFolders.size() + 1;

bool isSlot(const std::string& folder) {
  struct stat about{};
  struct stat above{};
  struct statfs files{};
  return ::lstat(folder.c_str(), &about) == 0 && S_ISDIR(about.st_mode) &&
         ::lstat(kStudentFolder, &above) == 0 && about.st_dev != above.st_dev &&
         ::statfs(folder.c_str(), &files) == 0 && files.f_type == TMPFS_MAGIC;
}

// The slot's own folder is root's: its user may pass through it, and nobody else.
Result<void> furnish(const std::string& slot, JobUser user) {
  if (::chown(slot.c_str(), 0, user.gid) != 0 || ::chmod(slot.c_str(), 0750) != 0) {
    return systemError(errno, "give " + slot + " to its user");
  }
  for (const Folder& folder : kFolders) {
    const std::string path = slot + folder.name;
    if (::mkdir(path.c_str(), 0700) != 0 || ::chmod(path.c_str(), 0755) != 0 ||
        (folder.students && ::chown(path.c_str(), user.uid, user.gid) != 0)) {
      return systemError(errno, "make " + path);
    }
  }
  return {};
}

// With nobody's rights but the user's, who may have closed the folders to itself.
bool sweepAs(JobUser user, uid_t shield, const std::string& slot) {
  Result<Child> sweeper = Child::start([&] {
    bool clean = becomeShielded({user.uid, user.gid, {}}, shield);
    for (const Folder& folder : kFolders) {
      const std::string path = slot + folder.name;
      if (clean && folder.students) {
        ::chmod(path.c_str(), 0700);
        clean = sweepFolder(path, user.uid);
      }
    }
    return clean ? 0 : 1;
  });
  if (!sweeper) {
    return false;
  }
  const std::optional<ChildEnd> end = sweeper->waitUntil(after(kSweepMax));
  return end && WIFEXITED(end->wait_status) && WEXITSTATUS(end->wait_status) == 0;
}

// EINVAL: this container's user namespace has no such id.
bool isMapped(uid_t id) {
  return ::chown(slotFolder(0).c_str(), 0, id) == 0 || errno != EINVAL;
}

// 0: this container has too few ids.
Result<uid_t> chooseIds(std::string_view passwd) {
  std::uint32_t random = 0;
  if (::getrandom(&random, sizeof random, 0) != static_cast<ssize_t>(sizeof random)) {
    return systemError(errno, "draw a random number");
  }
  for (const bool few : {false, true}) {
    const uid_t first = firstStudentId(random, few, passwd);
    if (isMapped(first + kStudentIds - 1)) {
      return first;
    }
  }
  return uid_t{0};
}

}  // namespace

std::vector<uid_t> StudentPlan::userIds() const {
  std::vector<uid_t> ids;
  for (unsigned slot = 0; slot < slots; ++slot) {
    ids.push_back(first_id + slot);
  }
  return ids;
}

std::string slotFolder(unsigned slot) {
  return std::string(kStudentFolder) + "/" + std::to_string(slot + 1);
}

JobUser slotUser(const StudentPlan& plan, unsigned slot) {
  return {plan.first_id + slot, plan.first_id + slot};
}

uid_t slotShield(const StudentPlan& plan, unsigned slot) {
  return plan.first_id + kStudentRunsMax + slot;
}

uid_t firstStudentId(std::uint32_t random, bool few, std::string_view passwd) {
  // Behind the ids that systemd gives to containers, and before its "foreign" ones.
  const uid_t begin = few ? 60'600 : 0x7000'0000;
  const std::uint32_t groups = few ? 36 : 0x0080'0000;
  for (std::uint32_t tried = 0;; ++tried) {
    const uid_t first = begin + (random % groups + tried) % groups * kStudentIds;
    bool taken = false;
    for (uid_t id = first; id < first + kStudentIds; ++id) {
      taken = taken || drive::isTaken(passwd, id);
    }
    if (!taken || tried == groups) {
      return first;
    }
  }
}

Result<StudentPlan> prepareStudentSlots(std::string_view passwd, std::uint64_t memory_bytes) {
  StudentPlan plan;
  while (plan.slots < kStudentRunsMax && isSlot(slotFolder(plan.slots))) {
    ++plan.slots;
  }
  if (plan.slots == 0) {
    return plan;
  }
  const Result<uid_t> first = chooseIds(passwd);
  if (!first) {
    return first.error();
  }
  if (*first == 0) {
    return StudentPlan();
  }
  plan.first_id = *first;
  for (unsigned slot = 0; slot < plan.slots; ++slot) {
    if (Result<void> made = furnish(slotFolder(slot), slotUser(plan, slot)); !made) {
      return made.error();
    }
  }
  struct statfs files{};
  if (::statfs(slotFolder(0).c_str(), &files) != 0) {
    return systemError(errno, "look at " + slotFolder(0));
  }
  plan.limits.disk_bytes = files.f_blocks * static_cast<std::uint64_t>(files.f_bsize);
  plan.limits.memory_bytes = memory_bytes / 2;
  return plan;
}

Result<void> cleanSlot(const StudentPlan& plan, unsigned slot) {
  const std::string folder = slotFolder(slot);
  const JobUser user = slotUser(plan, slot);
  const uid_t shield = slotShield(plan, slot);
  const Deadline deadline = after(kDeathMax);
  constexpr timespec kPause{0, 2'000'000};
  for (killAllOf(user.uid, shield); !aliveOf({user.uid}).empty(); killAllOf(user.uid, shield)) {
    if (base::SteadyClock::now() >= deadline) {
      return Error(ErrorKind::kSystem, "a command's process does not die");
    }
    ::nanosleep(&kPause, nullptr);
  }
  if (!sweepAs(user, shield, folder)) {
    return Error(ErrorKind::kSystem, "what a command left in " + folder + " cannot be removed");
  }
  for (auto each = kFolders.rbegin(); each != kFolders.rend(); ++each) {
    if (::rmdir((folder + each->name).c_str()) != 0) {
      return systemError(errno, "remove " + folder + each->name);
    }
  }
  if (Result<void> made = furnish(folder, user); !made) {
    return made;
  }
  return scratchUse({folder}).inodes <= kInodesWhenClean
             ? Result<void>()
             : Error(ErrorKind::kSystem, "a command left something in " + folder);
}

}  // namespace tango::autodriver
