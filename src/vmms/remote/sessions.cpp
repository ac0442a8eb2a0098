#include "vmms/remote/sessions.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <unistd.h>

#include "async/within.hpp"
#include "base/log.hpp"
#include "vmms/remote/shell_commands.hpp"
#include "vmms/remote/ssh_stream.hpp"

namespace tango::vmms::remote {
namespace {

using base::after;
using base::Deadline;
using base::Error;
using base::ErrorKind;
using base::Millis;
using base::SteadyClock;
using driven::DriveSession;
using driven::kCopyMax;
using driven::kRunGrace;
using driven::kTextAround;
using model::RunOutcome;

constexpr Millis kReadyMax{60'000};
constexpr Millis kRetryMin{100};
constexpr Millis kRetryMax{2'000};

/// Nobody else attaches to the machine meanwhile.
class Attaching {
 public:
  explicit Attaching(MachinePtr machine) : machine_(std::move(machine)) {
    machine_->attaching = true;
  }
  Attaching(const Attaching&) = delete;
  Attaching& operator=(const Attaching&) = delete;
  ~Attaching() {
    machine_->attaching = false;
    machine_->attached.notifyAll();
  }

 private:
  MachinePtr machine_;
};

/// Takes back what was written to `fd` behind `begin`.
Result<void> rewind(int fd, off_t begin) {
  if (begin < 0 || ::ftruncate(fd, begin) != 0 || ::lseek(fd, begin, SEEK_SET) != begin) {
    return base::systemError(errno, "begin the output file anew");
  }
  return {};
}

}  // namespace

Deadline Sessions::reattachBy() const {
  return after(ground_->config.reattach_max);
}

awaitable<Result<void>> Sessions::attach(MachinePtr machine) {
  while (machine->attaching) {
    co_await machine->attached.next();
  }
  if (machine->isAttached()) {
    co_return Result<void>();
  }
  const Attaching alone(machine);
  Result<void> attached = co_await attachNow(machine);
  co_return attached;
}

awaitable<Result<void>> Sessions::attachNow(MachinePtr machine) {
  AttachWish wish;
  wish.autodriver = machine->autodriver;
  wish.lease_s = static_cast<std::uint64_t>(
      std::chrono::ceil<std::chrono::seconds>(ground_->config.lease).count());
  wish.user = ground_->config.job_uid;
  wish.machine = machine->spec;
  const ConnectionPtr connection = reaching_->connection(*machine);
  Result<ssh::LocalSocket> socket =
      co_await connection->open(attachCommand(machine->as_root, wish));
  if (!socket) {
    co_return socket.error();
  }
  const auto line = std::make_shared<SshLine>(*std::move(socket), connection);
  const auto session =
      std::make_shared<DriveSession>(ground_->executor, std::make_unique<SshStream>(line));
  Result<void> ready = co_await session->ready(after(kReadyMax));
  if (ready) {
    machine->session = session;
    machine->line = line;
  }
  co_return ready;
}

// The address is the one that the cloud gives meanwhile.
awaitable<Result<void>> Sessions::takeUpAgain(MachinePtr machine, Deadline deadline) {
  const Looker::Awaiting often(looker_);
  looker_->hurry();
  Millis pause = kRetryMin;
  for (;;) {
    const Result<void> attached =
        co_await async::within(deadline, attach(machine), "autodriver does not answer");
    if (attached) {
      base::logInfo("remote: " + machine->name.text() + " is reached again");
      co_return attached;
    }
    const bool in_vain =
        attached.error().kind() == ErrorKind::kUnsupported || isKeyRefused(attached.error());
    if (in_vain || SteadyClock::now() + pause >= deadline) {
      co_return attached.error().during("the connection broke");
    }
    co_await ground_->pause(pause);
    pause = std::min(kRetryMax, pause * 2);
  }
}

awaitable<Result<void>> Sessions::sendFiles(MachinePtr machine,
                                            std::vector<driven::DrivenFile> files) {
  if (!machine->isAttached()) {
    const Result<void> again = co_await takeUpAgain(machine, reattachBy());
    if (!again) {
      co_return again;
    }
  }
  const auto session = machine->session;
  Result<void> sent = co_await session->sendFiles(std::move(files), after(kCopyMax));
  co_return sent;
}

awaitable<Result<RunOutcome>> Sessions::run(MachinePtr machine, model::RunLimits limits) {
  const Deadline end = after(limits.wall_time + kRunGrace + ground_->config.reattach_max);
  // A connection that was taken up again begins with what was shown already.
  std::uint64_t shown = 0;
  const auto show = [machine, &shown](std::uint64_t offset, std::string_view bytes) {
    const std::uint64_t known = shown > offset ? shown - offset : 0;
    if (known < bytes.size()) {
      bytes.remove_prefix(known);
      machine->show(offset + known, bytes);
      shown = offset + known + bytes.size();
    }
  };
  for (;;) {
    const auto session = machine->session;
    const LinePtr line = machine->line;
    Result<RunOutcome> outcome = co_await session->run(limits, show, end);
    if (outcome || !line->hasEnded()) {
      co_return outcome;
    }
    base::logWarning("remote: " + machine->name.text() + ": " + outcome.error().message());
    const Result<void> again = co_await takeUpAgain(machine, std::min(end, reattachBy()));
    if (!again) {
      co_return again.error();
    }
  }
}

awaitable<Result<void>> Sessions::output(MachinePtr machine, int fd) {
  const Deadline end = after(kCopyMax);
  const off_t begin = ::lseek(fd, 0, SEEK_CUR);
  for (;;) {
    const auto session = machine->session;
    const LinePtr line = machine->line;
    Result<void> copied =
        co_await session->output(fd, machine->limits.output_bytes + kTextAround, end);
    if (copied || !line->hasEnded()) {
      co_return copied;
    }
    Result<void> again = co_await takeUpAgain(machine, std::min(end, reattachBy()));
    if (again) {
      again = rewind(fd, begin);
    }
    if (!again) {
      co_return again;
    }
  }
}

awaitable<Result<void>> Sessions::beat(MachinePtr machine) {
  const Result<void> attached = co_await attach(machine);
  if (!attached) {
    co_return attached;
  }
  const auto session = machine->session;
  Result<void> told = co_await session->beat();
  co_return told;
}

}  // namespace tango::vmms::remote
