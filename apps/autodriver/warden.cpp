#include "autodriver/warden.hpp"

#include <utility>

#include <sched.h>

namespace tango::autodriver {
namespace {

using base::after;
using base::Error;
using base::ErrorKind;
using base::Millis;

constexpr Millis kAnswerMax{10'000};

}  // namespace

Result<Warden> Warden::startIn(unsigned long namespaces, const Job& job, int tree_fd,
                               int output_fd) {
  Result<std::pair<UniqueFd, UniqueFd>> ends = makeChannel();
  if (!ends) {
    return ends.error();
  }
  auto& [ours, theirs] = *ends;
  const WardenEnds given{theirs.get(), tree_fd, output_fd};
  const bool first = namespaces != 0;
  Result<Child> process = Child::startIn(namespaces, [&] { return runWarden(job, given, first); });
  if (!process) {
    return process.error();
  }
  return Warden(*std::move(process), std::move(ours));
}

Result<Warden> Warden::start(const Job& job, int tree_fd, int output_fd,
                             const sandbox::Cgroup* group, const StopSignals& stop) {
  constexpr unsigned long kOwn = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC;
  const auto start_with = [&](unsigned long namespaces) -> Result<Warden> {
    Result<Warden> warden = startIn(namespaces, job, tree_fd, output_fd);
    if (!warden) {
      return warden;
    }
    if (group != nullptr) {
      if (const Result<void> attached = group->attach(warden->process_.pid()); !attached) {
        return attached.error();
      }
    }
    if (namespaces != 0) {
      if (const Result<void> seen = warden->ask(Command::kMakeView, stop, after(kAnswerMax));
          !seen) {
        return seen.error();
      }
    }
    return warden;
  };
  if (!job.own_namespaces) {
    return start_with(0);
  }
  Result<Warden> own = start_with(kOwn);
  if (own || own.error().kind() == ErrorKind::kCancelled) {
    return own;
  }
  if (job.view.bounded()) {
    return Error(ErrorKind::kUnsupported,
                 "cannot limit disk: " + own.error().message() +
                     "; run the job on a VM, or give the container CAP_SYS_ADMIN");
  }
  return start_with(0);
}

Result<void> Warden::ask(Command command, const StopSignals& stop, Deadline deadline) {
  if (!sendCommand(channel_.get(), command)) {
    return Error(ErrorKind::kSystem, "the warden is gone");
  }
  if (Result<void> ready = stop.waitReadable(channel_.get(), deadline); !ready) {
    return ready;
  }
  const std::optional<Note> note = takeNote(channel_.get());
  if (!note) {
    return Error(ErrorKind::kSystem, "the warden was killed");
  }
  return note->kind == Note::Kind::kDone ? Result<void>() : note->error();
}

Result<void> Warden::copy(const StopSignals& stop, Deadline deadline) {
  return ask(Command::kCopy, stop, deadline);
}

Result<void> Warden::run() {
  return sendCommand(channel_.get(), Command::kRun)
             ? Result<void>()
             : Error(ErrorKind::kSystem, "the warden was killed");
}

}  // namespace tango::autodriver
