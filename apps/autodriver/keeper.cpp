#include "autodriver/keeper.hpp"

#include <cerrno>
#include <csignal>
#include <optional>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "autodriver/channel.hpp"
#include "autodriver/child.hpp"
#include "autodriver/group.hpp"
#include "autodriver/keeper_group.hpp"
#include "autodriver/machine_lock.hpp"
#include "autodriver/own_container.hpp"
#include "autodriver/shed.hpp"
#include "autodriver/stand_by.hpp"
#include "drive/account.hpp"
#include "sandbox/parts/cgroup_files.hpp"

namespace tango::autodriver {
namespace {

using base::after;
using base::Error;
using base::ErrorKind;
using base::Millis;
using base::systemError;

constexpr Millis kStartMax{60'000};
constexpr Millis kMadeMax{30'000};
constexpr Millis kLockMax{15'000};
constexpr Millis kEndMax{5'000};
constexpr int kFailed = 3;

struct Container {
  sandbox::Cgroup group;
  Child process;
  UniqueFd channel;
};

// Standard error is the file for last words: nobody else reads it.
Result<void> redirect(const SocketPlace& place) {
  const UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  const UniqueFd words(::open(place.lastWordsFile().c_str(),
                              O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW | O_CLOEXEC,
                              0600));
  if (!null || !words || ::dup2(null.get(), 0) < 0 || ::dup2(null.get(), 1) < 0 ||
      ::dup2(words.get(), 2) < 0) {
    return systemError(errno, "redirect the standard streams");
  }
  return {};
}

Result<void> makeHome(const std::string& home) {
  for (std::size_t at = 1; at != std::string::npos;) {
    at = home.find('/', at + 1);
    const std::string folder = home.substr(0, at);
    if (::mkdir(folder.c_str(), 0755) == 0) {
      ::chmod(folder.c_str(), 0755);
    } else if (errno != EEXIST) {
      return systemError(errno, "make " + folder);
    }
  }
  return {};
}

Result<Job> makeJob(const Options& options, Caller caller) {
  const uid_t called_by = caller.identity.uid;
  const auto user_id = static_cast<uid_t>(options.user_id);
  const std::string passwd = sandbox::readFileAt(AT_FDCWD, "/etc/passwd");
  if (user_id != 0 && !drive::findAccount(passwd, kJobUser) && drive::isTaken(passwd, user_id)) {
    return Error(ErrorKind::kExists, "option --user: the number " + std::to_string(user_id) +
                                         " is another user's on this machine");
  }
  Result<Job> job = makeStandByJob(options, std::move(caller), Inherit::kForPrograms);
  if (!job) {
    return job;
  }
  if (job->account.uid == called_by) {
    return Error(ErrorKind::kInvalid, "autodriver should not be run as " + job->account.name);
  }
  job->view = {job->account.home, options.disk_bytes, options.disk_inodes, job->account.uid,
               job->account.gid};
  job->view.own_scratch = true;
  job->view.hide_run = true;
  job->view.students = true;
  job->view.network = options.network;
  const Result<void> made = makeHome(job->account.home);
  return made ? std::move(job) : made.error();
}

Result<Container> makeContainer(const Options& options, Job job, const SocketPlace& place,
                                int callers_channel) {
  Result<sandbox::Cgroup> group = makeContainerGroup(options);
  if (!group) {
    return group.error();
  }
  Result<UniqueFd> listener = place.listen();
  if (!listener) {
    return listener.error();
  }
  Result<std::pair<UniqueFd, UniqueFd>> ends = makeChannel();
  if (!ends) {
    return ends.error();
  }
  auto& [ours, theirs] = *ends;
  unsigned long namespaces = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS;
  namespaces |= options.network ? 0UL : CLONE_NEWNET;
  Result<Child> process = Child::startIn(namespaces, [&] {
    ::close(callers_channel);
    ours.reset();
    return runInContainer({std::move(job), *std::move(listener), Millis(options.lease_ms),
                           options.memory_bytes, &*group, theirs.get()});
  });
  if (!process) {
    return Error(ErrorKind::kUnsupported,
                 "cannot make a container on this machine: " + process.error().message());
  }
  // Only the container may hold these: its end is seen by them.
  listener->reset();
  theirs.reset();
  if (const Result<void> attached = group->attach(process->pid()); !attached) {
    return attached.error();
  }
  return Container{*std::move(group), *std::move(process), std::move(ours)};
}

Result<void> awaitMade(const Container& container, const StopSignals& stop) {
  if (!sendCommand(container.channel.get(), Command::kMakeView)) {
    return Error(ErrorKind::kSystem, "the container has ended at once");
  }
  if (Result<void> told = stop.waitReadable(container.channel.get(), after(kMadeMax)); !told) {
    return told;
  }
  const std::optional<Note> note = takeNote(container.channel.get());
  if (!note) {
    return Error(ErrorKind::kSystem, "the container has ended at once (out of memory?)");
  }
  return note->kind == Note::Kind::kDone ? Result<void>() : note->error();
}

void end(Container& container, const SocketPlace& place) {
  std::optional<ChildEnd> ended = container.process.waitUntil(after(kEndMax));
  if (!ended) {
    container.process.kill();
    ended = container.process.waitUntil(after(kEndMax));
  }
  if (ended && WIFSIGNALED(ended->wait_status)) {
    sayLastWord({ErrorKind::kSystem, "the autodriver that stood by was killed by signal " +
                                         std::to_string(WTERMSIG(ended->wait_status))});
  }
  place.remove();
  removeGroup(container.group);
}

Result<void> keep(const Options& options, Caller caller, const SocketPlace& place, int channel) {
  if (Result<void> redirected = redirect(place); !redirected) {
    return redirected;
  }
  shedCaller();
  const Result<UniqueFd> lock = takeMachineLock(after(kLockMax));
  const Result<StopSignals> stop = StopSignals::open();
  if (!lock || !stop) {
    return lock ? stop.error() : lock.error();
  }
  Result<Job> job = makeJob(options, std::move(caller));
  if (!job) {
    return job.error();
  }
  const KeeperGroup own;
  Result<Container> container = makeContainer(options, *std::move(job), place, channel);
  if (!container) {
    place.remove();
    return container.error();
  }
  if (Result<void> made = awaitMade(*container, *stop); !made) {
    container->process.kill();
    end(*container, place);
    return made;
  }
  sendNote(channel, Note());
  ::close(channel);
  if (!stop->waitReadable(container->channel.get(), Deadline::max())) {
    ::kill(container->process.pid(), SIGTERM);
  }
  end(*container, place);
  return {};
}

int runKeeper(const Options& options, Caller caller, const SocketPlace& place, int channel) {
  ::prctl(PR_SET_PDEATHSIG, 0);
  ::setsid();
  if (::chdir("/") != 0 || !closeDescriptorsBut({channel})) {
    return kFailed;
  }
  const Result<void> kept = keep(options, std::move(caller), place, channel);
  return !kept && sendNote(channel, Note::failed(kept.error())) ? kFailed : 0;
}

}  // namespace

Result<void> startKeeper(const Options& options, Caller caller, const SocketPlace& place,
                         const StopSignals& stop) {
  Result<std::pair<UniqueFd, UniqueFd>> ends = makeChannel();
  if (!ends) {
    return ends.error();
  }
  Result<Child> keeper = Child::start(
      [&] { return runKeeper(options, std::move(caller), place, ends->second.get()); });
  ends->second.reset();
  if (!keeper) {
    return keeper.error();
  }
  if (Result<void> told = stop.waitReadable(ends->first.get(), after(kStartMax)); !told) {
    return told;
  }
  const std::optional<Note> note = takeNote(ends->first.get());
  if (!note) {
    return Error(ErrorKind::kSystem, "the process that makes the container was killed");
  }
  if (note->kind != Note::Kind::kDone) {
    return note->error();
  }
  keeper->release();
  return {};
}

}  // namespace tango::autodriver
