#include "sandbox/launcher/slot.hpp"

#include <cerrno>
#include <csignal>
#include <optional>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "sandbox/launcher/keeper.hpp"
#include "sandbox/parts/namespaces.hpp"
#include "sandbox/protocol.hpp"

namespace tango::sandbox {
namespace {

using base::Error;
using base::ErrorKind;
using base::systemError;

// The keeper and the job's init live in the job's control group.
constexpr std::uint64_t kOwnProcesses = 2;

class Slot {
 public:
  explicit Slot(SlotSetup setup) : setup_(std::move(setup)) {}
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;
  ~Slot() { end(); }

  Result<void> prepare();
  void serve();
  void fail(const Error& error) const;

 private:
  Result<void> checkEnforced() const;
  Result<void> makeCgroup();
  Result<void> startKeeper();
  Result<void> awaitKeeper() const;
  Result<void> nextInit();
  Result<void> renew();
  void handle(const Message& message);
  void answer(const Result<void>& result) const;
  void end();

  SlotSetup setup_;
  std::optional<Cgroup> cgroup_;
  UniqueFd keeper_socket_;
  pid_t keeper_ = -1;
  bool over_ = false;
};

void Slot::fail(const Error& error) const {
  static_cast<void>(sendMessage(setup_.socket.get(), MessageType::kFailed, encode(error)).ok());
}

void Slot::answer(const Result<void>& result) const {
  if (!result) {
    fail(result.error());
    return;
  }
  static_cast<void>(sendMessage(setup_.socket.get(), MessageType::kDone).ok());
}

// Fail closed: a limit that was asked for and cannot be enforced here stops the slot.
Result<void> Slot::checkEnforced() const {
  struct Need {
    bool asked;
    Controller controller;
    const char* name;
  };
  const SlotSpec& spec = setup_.spec;
  for (const Need& need : {Need{spec.memory_bytes != 0, Controller::kMemory, "memory"},
                           Need{spec.cpu_millis != 0, Controller::kCpu, "processor time"},
                           Need{spec.io_bytes_per_second != 0, Controller::kIo, "disk traffic"}}) {
    if (need.asked && !setup_.cgroups->has(need.controller) && !spec.allow_unenforced) {
      return Error(ErrorKind::kUnsupported, std::string("this host cannot limit a job's ") +
                                                need.name + ": " + setup_.cgroups->missing());
    }
  }
  return {};
}

Result<void> Slot::makeCgroup() {
  Result<Cgroup> made = setup_.cgroups->create(setup_.cgroup_name);
  if (!made) {
    return made.error();
  }
  cgroup_ = *std::move(made);
  const SlotSpec& spec = setup_.spec;
  const auto where = [this](Controller controller, std::uint64_t limit) {
    return setup_.cgroups->has(controller) ? limit : 0;
  };
  CgroupLimits limits;
  limits.memory_bytes = where(Controller::kMemory, spec.memory_bytes);
  limits.processes = where(Controller::kPids, spec.processes + kOwnProcesses);
  limits.cpu_millis = where(Controller::kCpu, spec.cpu_millis);
  limits.io_bytes_per_second = where(Controller::kIo, spec.io_bytes_per_second);
  return cgroup_->setLimits(limits);
}

Result<void> Slot::awaitKeeper() const {
  const Result<std::optional<Message>> said = receiveMessage(keeper_socket_.get());
  if (!said) {
    return said.error();
  }
  if (!said->has_value()) {
    return Error(ErrorKind::kSystem, "the slot's keeper died");
  }
  return (*said)->type == MessageType::kDone ? Result<void>() : decodeError((*said)->body);
}

Result<void> Slot::startKeeper() {
  Result<SocketPair> pair = makeSocketPair();
  if (!pair) {
    return pair.error();
  }
  const IdMap ids = chooseIds(setup_.number);
  keeper_ = ::fork();
  if (keeper_ < 0) {
    return systemError(errno, "fork a slot's keeper");
  }
  if (keeper_ == 0) {
    setup_.socket.reset();
    pair->first.reset();
    runKeeper({&setup_.spec, setup_.filter, ids.two_ids, setup_.cgroups->has(Controller::kPids),
               std::move(pair->second)});
  }
  keeper_socket_ = std::move(pair->first);
  pair->second.reset();
  // Into the groups before it does anything, so that all it ever makes is counted.
  if (Result<void> attached = cgroup_->attach(keeper_); !attached) {
    return attached;
  }
  static_cast<void>(sendMessage(keeper_socket_.get(), MessageType::kMapped).ok());
  if (Result<void> unshared = awaitKeeper(); !unshared) {
    return unshared;
  }
  if (const Result<void> mapped = mapIds(keeper_, ids, setup_.spec.user); !mapped) {
    return mapped.error().during("map the sandbox's ids");
  }
  static_cast<void>(sendMessage(keeper_socket_.get(), MessageType::kMapped).ok());
  return awaitKeeper();
}

// A new init with a socket of its own, whose other end goes to the service.
Result<void> Slot::nextInit() {
  const Result<SocketPair> pair = makeSocketPair();
  if (!pair) {
    return pair.error();
  }
  Result<void> sent = sendMessage(keeper_socket_.get(), MessageType::kNext, {}, pair->second.get());
  if (!sent) {
    return sent;
  }
  if (Result<void> started = awaitKeeper(); !started) {
    return started;
  }
  return sendMessage(setup_.socket.get(), MessageType::kReady, {}, pair->first.get());
}

Result<void> Slot::prepare() {
  // What the keeper leaves when it dies is ours to wait for, so that the groups are empty then.
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ::prctl(PR_SET_NAME, "tango-slot");
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (Result<void> enforced = checkEnforced(); !enforced) {
    return enforced;
  }
  if (Result<void> made = makeCgroup(); !made) {
    return made;
  }
  if (Result<void> started = startKeeper(); !started) {
    return started;
  }
  return nextInit();
}

Result<void> Slot::renew() {
  if (Result<void> sent = sendMessage(keeper_socket_.get(), MessageType::kEnd); !sent) {
    return sent;
  }
  if (Result<void> clean = awaitKeeper(); !clean) {
    return clean;
  }
  if (Result<void> renewed = cgroup_->renew(keeper_); !renewed) {
    return renewed;
  }
  return nextInit();
}

void Slot::handle(const Message& message) {
  switch (message.type) {
    case MessageType::kProcesses: {
      const Result<std::uint64_t> processes = decodeNumber(message.body);
      answer(processes ? cgroup_->setProcesses(*processes + kOwnProcesses) : processes.error());
      return;
    }
    case MessageType::kAskUsage:
      static_cast<void>(
          sendMessage(setup_.socket.get(), MessageType::kUsage, encode(cgroup_->usage())).ok());
      return;
    case MessageType::kRenew: {
      const Result<void> renewed = renew();
      if (!renewed) {
        fail(renewed.error());
        over_ = true;  // what cannot be proven clean is thrown away
      }
      return;
    }
    default:
      over_ = true;
  }
}

void Slot::serve() {
  while (!over_) {
    const Result<std::optional<Message>> message = receiveMessage(setup_.socket.get());
    if (!message || !message->has_value()) {
      return;
    }
    handle(**message);
  }
}

void Slot::end() {
  if (keeper_ > 0) {
    // The keeper's death is init's (PR_SET_PDEATHSIG), and init's is all its namespace's; whoever
    // is left all the same is found in the control group.
    ::kill(keeper_, SIGKILL);
    constexpr useconds_t kPauseUs = 2'000;
    for (pid_t reaped = 0; (reaped = ::waitpid(-1, nullptr, WNOHANG)) >= 0;) {
      if (reaped == 0 && cgroup_) {
        cgroup_->killAll();
        ::usleep(kPauseUs);
      }
    }
  }
  cgroup_.reset();
}

}  // namespace

void runSlot(SlotSetup setup) {
  {
    Slot slot(std::move(setup));
    const Result<void> prepared = slot.prepare();
    if (prepared) {
      slot.serve();
    } else {
      slot.fail(prepared.error());
    }
  }
  ::_exit(0);
}

}  // namespace tango::sandbox
