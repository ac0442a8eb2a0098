#include "autodriver/user_cell.hpp"

#include <algorithm>

#include <poll.h>

#include "autodriver/closed_folders.hpp"
#include "autodriver/identity.hpp"
#include "autodriver/scratch.hpp"
#include "sandbox/parts/credentials.hpp"
#include "sandbox/parts/seccomp.hpp"
#include "sandbox/protocol.hpp"
#include "sandbox/student/given_files.hpp"

namespace tango::autodriver {
namespace {

using base::UniqueFd;
using sandbox::FileRights;
using sandbox::scratchFolderOf;

constexpr base::Millis kDeathMax{10'000};
constexpr int kLookMs = 5;

bool has(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

UserCell::UserCell(const Job& job, unsigned slot)
    : job_(job),
      user_(slotUser(job.students, slot)),
      shield_(slotShield(job.students, slot)),
      folder_(slotFolder(slot)) {}

std::string UserCell::inSlot(const std::string& path) const {
  return scratchFolderOf(path).empty() ? path : folder_ + path;
}

Result<void> UserCell::prepare(const sandbox::StudentRequest& request) {
  if (Result<void> closed = closeFolders(job_); !closed) {
    return closed;
  }
  // It shares these namespaces with its grader: what has no owner there is out of its reach, too.
  Result<std::vector<sock_filter>> filter =
      sandbox::makeSeccompFilter({.named_ipc = true, .sockets = !request.share_network});
  if (!filter) {
    return filter.error();
  }
  filter_ = *std::move(filter);
  const FileRights rights(user_);
  for (const std::string& folder : {job_.account.home, request.folder}) {
    if (scratchFolderOf(folder).empty()) {
      continue;
    }
    if (const Result<UniqueFd> made = sandbox::makeGivenFolder(folder, user_, folder_); !made) {
      return made.error();
    }
  }
  return {};
}

Result<void> UserCell::giveFile(std::string_view body, const UniqueFd& file) {
  const FileRights rights(user_);
  Result<void> placed = sandbox::placeGivenFile(body, file, user_, folder_);
  if (placed) {
    given_.push_back(sandbox::decodeFileHeader(body)->name);
  }
  return placed;
}

void UserCell::fit(sandbox::ConfinedProcess& command) const {
  command.filter = &filter_;
  command.folder = inSlot(command.folder);
  for (auto* words : {&command.programs, &command.arguments}) {
    for (std::string& word : *words) {
      word = has(given_, word) ? inSlot(word) : word;
    }
  }
  bool has_place_for_temporary_files = false;
  for (std::string& variable : command.environment) {
    if (variable.starts_with("HOME=")) {
      variable = "HOME=" + inSlot(variable.substr(5));
    }
    has_place_for_temporary_files |= variable.starts_with("TMPDIR=");
  }
  if (!has_place_for_temporary_files) {
    command.environment.push_back("TMPDIR=" + inSlot("/tmp"));
  }
}

sandbox::Consumption UserCell::consumption() const {
  return sandbox::consumptionOf(aliveOf({user_.uid}));
}

sandbox::DiskUse UserCell::diskUse() const {
  const ScratchUse use = scratchUse({folder_});
  return {use.bytes, use.inodes, use.full};
}

void UserCell::endAll(const sandbox::ChildSignals& signals, const std::function<void()>& reap) {
  const base::Deadline deadline = base::after(kDeathMax);
  for (;;) {
    killAllOf(user_.uid, shield_);
    reap();
    if (aliveOf({user_.uid}).empty() || base::SteadyClock::now() >= deadline) {
      break;
    }
    pollfd child{signals.fd(), POLLIN, 0};
    ::poll(&child, 1, kLookMs);
    signals.take();
  }
  reap();
}

UniqueFd UserCell::result(const std::string& path) const {
  const FileRights rights(user_);
  return sandbox::openResult(path, folder_);
}

}  // namespace tango::autodriver
