#include <array>
#include <cerrno>
#include <csignal>
#include <string>

#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "autodriver/scratch.hpp"
#include "autodriver/students.hpp"
#include "autodriver/tree_writer.hpp"
#include "autodriver/warden.hpp"
#include "base/safe_path.hpp"
#include "sandbox/parts/first_process.hpp"

namespace tango::autodriver {
namespace {

using base::systemError;
using sandbox::ChildSignals;

constexpr int kDiskLookMs = 20;

Note noteOf(const Result<void>& result) {
  return result ? Note() : Note::failed(result.error());
}

// The program of the process that writes the files.
Result<void> writeTree(const Job& job, int tree_fd) {
  if (!becomeShielded(job.identity, job.shield)) {
    return systemError(errno, "become the user that runs jobs");
  }
  const Result<UniqueFd> home = base::openDirectory(job.account.home.c_str());
  if (!home) {
    return home.error();
  }
  RecordIn in(tree_fd);
  return receiveTree(home->get(), job.bounds, in);
}

Note copyTree(const Job& job, const WardenEnds& ends) {
  // The writer says itself what went wrong, and the warden only that it was killed.
  Result<Child> writer = Child::start([&] {
    const Result<void> written = writeTree(job, ends.tree);
    return !written && sendNote(ends.channel, noteOf(written)) ? 1 : 0;
  });
  if (!writer) {
    return Note::failed(writer.error());
  }
  const std::optional<ChildEnd> end = writer->waitUntil(Deadline::max());
  if (end && WIFEXITED(end->wait_status)) {
    return Note();
  }
  return Note::failed(
      {base::ErrorKind::kSystem, "the process that writes the files was killed (out of memory?)"});
}

// Reaps every orphan that is given to this process, and serves tango-student, until `make` itself
// has ended.
Note waitForMake(pid_t make, const Job& job, const ChildSignals& signals, Students& students) {
  Note note;
  note.kind = Note::Kind::kEnded;
  const bool look = !job.scratch.empty();
  for (bool ended = false; !ended;) {
    std::array<pollfd, 2> fds = {pollfd{signals.fd(), POLLIN, 0},
                                 pollfd{students.socket(), POLLIN, 0}};
    ::poll(fds.data(), fds.size(), look ? kDiskLookMs : -1);
    signals.take();
    if ((fds[1].revents & POLLIN) != 0) {
      students.accept();
    }
    sandbox::reapChildren([&](pid_t pid, int status) {
      if (pid == make) {
        ended = true;
        note.wait_status = status;
      } else {
        students.ended(pid, status);
      }
    });
    note.disk_full |= look && scratchUse(job.scratch).full ? 1U : 0U;
  }
  if (look) {
    const ScratchUse use = scratchUse(job.scratch);
    note.disk_bytes = use.bytes;
    note.disk_inodes = use.inodes;
  }
  return note;
}

Note runMake(const Job& job, const WardenEnds& ends) {
  Students students(job);
  if (const Result<void> opened = students.open(); !opened) {
    return Note::failed(opened.error());
  }
  const Result<ChildSignals> signals = ChildSignals::open();
  if (!signals) {
    return Note::failed(signals.error());
  }
  Result<Child> make = Child::start([&] {
    const char* const step = executeMake(job, ends.output);
    sendNote(ends.channel, Note::failed(systemError(errno, step)));
    return 127;
  });
  if (!make) {
    return Note::failed(make.error());
  }
  return waitForMake(make->release(), job, *signals, students);
}

}  // namespace

int runWarden(const Job& job, const WardenEnds& ends, bool first) {
  ::setsid();
  if (::chdir("/") != 0 || !closeDescriptorsBut({ends.channel, ends.tree, ends.output}) ||
      ::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) {
    return 1;
  }
  while (const std::optional<Command> command = takeCommand(ends.channel)) {
    switch (*command) {
      case Command::kMakeView:
        sendNote(ends.channel, noteOf(makeView(job.view)));
        break;
      case Command::kCopy:
        sendNote(ends.channel, copyTree(job, ends));
        break;
      case Command::kRun:
        sendNote(ends.channel, runMake(job, ends));
        if (first) {
          ::kill(-1, SIGKILL);  // all of this pid namespace, and nothing else
        }
        reapOrphans(Deadline::max());
        return 0;
    }
  }
  return 1;
}

}  // namespace tango::autodriver
