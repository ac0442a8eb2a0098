#include "sandbox/launcher/keeper.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string>

#include <linux/close_range.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/parts/credentials.hpp"
#include "sandbox/parts/mounts.hpp"
#include "sandbox/parts/namespaces.hpp"
#include "sandbox/parts/network_counters.hpp"
#include "sandbox/pid1/init.hpp"
#include "sandbox/protocol.hpp"

namespace tango::sandbox {
namespace {

using base::Error;
using base::ErrorKind;
using base::systemError;

class Keeper {
 public:
  explicit Keeper(KeeperSetup setup) : setup_(std::move(setup)) {}

  Result<void> prepare();
  void serve();
  void report(const Result<void>& result) const;

 private:
  Result<void> enterUserNamespace();
  Result<void> enterOtherNamespaces();
  Result<void> startInit(UniqueFd job_socket);
  Result<void> endInit();

  KeeperSetup setup_;
  pid_t init_ = -1;
  NetworkCounters network_;  // none where the job has the host's
};

void Keeper::report(const Result<void>& result) const {
  const Result<void> sent =
      result ? sendMessage(setup_.socket.get(), MessageType::kDone)
             : sendMessage(setup_.socket.get(), MessageType::kFailed, encode(result.error()));
  if (!sent) {
    ::_exit(1);  // the slot is gone
  }
}

Result<void> Keeper::enterUserNamespace() {
  if (::unshare(CLONE_NEWUSER) != 0) {
    return systemError(errno,
                       "make a user namespace (are unprivileged user namespaces allowed on this "
                       "host? see user.max_user_namespaces, kernel.unprivileged_userns_clone and "
                       "kernel.apparmor_restrict_unprivileged_userns)");
  }
  report({});  // the maps, please
  const Result<std::optional<Message>> mapped = receiveMessage(setup_.socket.get());
  if (!mapped || !mapped->has_value() || (*mapped)->type != MessageType::kMapped) {
    ::_exit(1);
  }
  // Root inside, which is an id without any right outside.
  if (setup_.two_ids && !becomeUser({0, 0})) {
    return systemError(errno, "become root of the user namespace");
  }
  return {};
}

Result<void> Keeper::enterOtherNamespaces() {
  const int network = setup_.spec->network ? 0 : CLONE_NEWNET;
  if (::unshare(CLONE_NEWUTS | CLONE_NEWCGROUP | network) != 0) {
    return systemError(errno, "make network, host name and cgroup namespaces");
  }
  constexpr std::string_view kHostName = "tango";
  if (::sethostname(kHostName.data(), kHostName.size()) != 0) {
    return systemError(errno, "set the host name");
  }
  if (network == 0) {
    return {};
  }
  if (Result<void> up = bringLoopbackUp(); !up) {
    return up;
  }
  Result<NetworkCounters> clean = NetworkCounters::open();
  if (!clean) {
    return clean.error();
  }
  network_ = *std::move(clean);
  return {};
}

Result<void> Keeper::prepare() {
  // An ordinary user may mount only inside a user namespace; root builds the root before it gives
  // its rights up, since the data folder may be closed to everybody else.
  if (!setup_.two_ids) {
    if (Result<void> entered = enterUserNamespace(); !entered) {
      return entered;
    }
  }
  if (::unshare(CLONE_NEWNS) != 0) {
    return systemError(errno, "make a mount namespace");
  }
  if (Result<void> entered = enterRoot(setup_.spec->root); !entered) {
    return entered;
  }
  if (setup_.two_ids) {
    if (Result<void> entered = enterUserNamespace(); !entered) {
      return entered;
    }
  }
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a change of ids clears it
  // Here for all of the slot's jobs; what the keeper and its inits hold, they keep until exec.
  if (!dropBoundingSet()) {
    return systemError(errno, "drop the bounding set of capabilities");
  }
  return enterOtherNamespaces();
}

Result<void> Keeper::startInit(UniqueFd job_socket) {
  // As fork(2), into new namespaces: the raw call, since glibc's clone() wants a stack.
  constexpr unsigned long kFlags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | SIGCHLD;
  const auto pid = static_cast<pid_t>(::syscall(SYS_clone, kFlags, nullptr, nullptr, nullptr, 0));
  if (pid < 0) {
    return systemError(errno, "clone a job's init");
  }
  if (pid == 0) {
    setup_.socket.reset();
    runInit({setup_.spec, setup_.filter, setup_.two_ids, setup_.processes_counted,
             std::move(job_socket)});
  }
  init_ = pid;
  return {};
}

// Ends the job's namespaces and proves that what the next job shares with it is as it was.
Result<void> Keeper::endInit() {
  if (init_ > 0) {
    ::kill(init_, SIGKILL);
    // The kernel lets init end only after every process of its namespace has.
    while (::waitpid(init_, nullptr, 0) < 0 && errno == EINTR) {
    }
    init_ = -1;
  }
  if (setup_.spec->network) {
    return {};
  }
  if (!network_.areClean()) {
    return Error(ErrorKind::kSystem, "the job left traces in its network namespace");
  }
  return {};
}

void Keeper::serve() {
  for (;;) {
    Result<std::optional<Message>> message = receiveMessage(setup_.socket.get());
    if (!message || !message->has_value()) {
      return;
    }
    switch ((*message)->type) {
      case MessageType::kNext:
        report(startInit(std::move((*message)->fd)));
        break;
      case MessageType::kEnd:
        report(endInit());
        break;
      default:
        return;
    }
  }
}

}  // namespace

void runKeeper(KeeperSetup setup) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_NAME, "tango-keeper");
  // Wait until the slot has put this process into its control groups.
  const Result<std::optional<Message>> go = receiveMessage(setup.socket.get());
  if (!go || !go->has_value()) {
    ::_exit(1);
  }
  Keeper keeper(std::move(setup));
  const Result<void> prepared = keeper.prepare();
  keeper.report(prepared);
  if (prepared) {
    keeper.serve();
  }
  ::_exit(0);
}

}  // namespace tango::sandbox
