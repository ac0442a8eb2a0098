#include "autodriver/students.hpp"

#include <algorithm>
#include <utility>

#include <sys/prctl.h>
#include <sys/wait.h>

#include "autodriver/child.hpp"
#include "autodriver/student_slots.hpp"
#include "autodriver/user_cell.hpp"
#include "sandbox/student/session.hpp"

namespace tango::autodriver {

using base::Error;
using base::ErrorKind;
using base::UniqueFd;

Result<void> Students::open() {
  for (unsigned slot = job_.students.slots; slot < slots_.size(); ++slot) {
    slots_.at(slot) = Slot::kSoiled;
  }
  return job_.students.slots == 0
             ? Result<void>()
             : service_.open(sandbox::kStudentSocketOfDriver, {job_.account.uid, job_.account.gid});
}

int Students::socket() const {
  // Where none will ever be free again, whoever asks is told so.
  const bool wait = std::find(slots_.begin(), slots_.end(), Slot::kFree) == slots_.end() &&
                    std::find(slots_.begin(), slots_.end(), Slot::kUsed) != slots_.end();
  return wait ? -1 : service_.socket();
}

void Students::accept() {
  service_.accept([this](UniqueFd& connection) { return run(connection); });
}

Result<pid_t> Students::run(UniqueFd& connection) {
  const auto* const free = std::find(slots_.begin(), slots_.end(), Slot::kFree);
  if (free == slots_.end()) {
    return Error(ErrorKind::kUnsupported, "what earlier commands left cannot be removed");
  }
  const auto slot = static_cast<unsigned>(free - slots_.begin());
  sandbox::StudentSetup setup;
  setup.user = slotUser(job_.students, slot);
  setup.two_ids = true;
  setup.limits = job_.students.limits;
  Result<Child> session = Child::start([&] {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    UserCell cell(job_, slot);
    sandbox::runStudentSession(setup, cell, std::move(connection));
    return 0;
  });
  if (!session) {
    return session.error();
  }
  const pid_t pid = session->release();
  slots_.at(slot) = Slot::kUsed;
  processes_[pid] = {slot, false};
  return pid;
}

void Students::clean(unsigned slot) {
  Result<Child> cleaner = Child::start([&] { return cleanSlot(job_.students, slot) ? 0 : 1; });
  if (!cleaner) {
    slots_.at(slot) = Slot::kSoiled;
    return;
  }
  processes_[cleaner->release()] = {slot, true};
}

void Students::ended(pid_t pid, int wait_status) {
  const auto found = processes_.find(pid);
  if (found == processes_.end()) {
    return;
  }
  const Process process = found->second;
  processes_.erase(found);
  if (!process.cleans) {
    service_.ended(pid);
    clean(process.slot);
    return;
  }
  const bool cleaned = WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0;
  slots_.at(process.slot) = cleaned ? Slot::kFree : Slot::kSoiled;
}

}  // namespace tango::autodriver
