#include "sandbox/student/namespace_cell.hpp"

#include <cerrno>
#include <csignal>
#include <utility>

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/parts/namespaces.hpp"
#include "sandbox/student/cell.hpp"
#include "sandbox/student/given_files.hpp"

namespace tango::sandbox {
namespace {

using base::Result;
using base::systemError;
using base::UniqueFd;

class NamespaceCell final : public StudentCell {
 public:
  NamespaceCell(JobUser user, std::uint64_t disk_inodes) : user_(user), disk_inodes_(disk_inodes) {}

  Result<void> prepare(const StudentRequest& request) override;
  Result<void> giveFile(std::string_view body, const UniqueFd& file) override {
    return placeGivenFile(body, file, user_);
  }
  void fit(ConfinedProcess& /*command*/) const override {}  // all is where it is for the grader
  [[nodiscard]] Consumption consumption() const override { return consumptionOfAll(); }
  [[nodiscard]] DiskUse diskUse() const override { return scratchUse(); }
  void endAll(const ChildSignals& signals, const std::function<void()>& reap) override {
    endAllOthers(signals, reap);
  }
  [[nodiscard]] UniqueFd result(const std::string& path) const override { return openResult(path); }

 private:
  JobUser user_;
  std::uint64_t disk_inodes_;
};

Result<void> NamespaceCell::prepare(const StudentRequest& request) {
  // Over everything in which the job can write, so that nothing of the grader's is in reach.
  if (Result<void> covered = mountScratch(request.limits.disk_bytes, disk_inodes_, user_);
      !covered) {
    return covered;
  }
  if (!scratchFolderOf(request.folder).empty()) {
    if (const Result<UniqueFd> made = makeGivenFolder(request.folder, user_); !made) {
      return made.error();
    }
  }
  if (request.share_network) {
    return {};
  }
  if (::unshare(CLONE_NEWNET) != 0) {
    return systemError(errno, "make a network namespace");
  }
  return bringLoopbackUp();
}

}  // namespace

Result<pid_t> startInOwnNamespaces(const StudentSetup& setup, std::uint64_t disk_inodes,
                                   UniqueFd& connection) {
  // As fork(2), into new namespaces: the raw call, since glibc's clone() wants a stack.
  constexpr unsigned long kFlags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | SIGCHLD;
  const auto pid = static_cast<pid_t>(::syscall(SYS_clone, kFlags, nullptr, nullptr, nullptr, 0));
  if (pid == 0) {
    NamespaceCell cell(setup.user, disk_inodes);
    runStudentSession(setup, cell, std::move(connection));
  }
  return pid < 0 ? Result<pid_t>(systemError(errno, "start a process for the command")) : pid;
}

}  // namespace tango::sandbox
