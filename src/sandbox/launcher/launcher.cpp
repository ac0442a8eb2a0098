#include "sandbox/launcher/launcher.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/launcher/slot.hpp"
#include "sandbox/parts/cgroup.hpp"
#include "sandbox/parts/seccomp.hpp"
#include "sandbox/protocol.hpp"

namespace tango::sandbox {
namespace {

using base::Error;
using base::systemError;

constexpr const char* kCgroupPrefix = "tango-";

class Launcher {
 public:
  Launcher(UniqueFd socket, UniqueFd children, CgroupTree cgroups, std::vector<sock_filter> filter)
      : socket_(std::move(socket)),
        children_(std::move(children)),
        cgroups_(std::move(cgroups)),
        filter_(std::move(filter)) {}

  /// Until the service is gone and every slot with it.
  void serve();

 private:
  void makeSlot(Message request);
  void reap();
  [[nodiscard]] unsigned freeNumber() const;

  UniqueFd socket_;    // none once the service has closed its end
  UniqueFd children_;  // a signalfd for SIGCHLD
  CgroupTree cgroups_;
  std::vector<sock_filter> filter_;
  std::map<pid_t, unsigned> slots_;  // the number of each slot alive, by its process
  std::uint64_t made_ = 0;
};

// The smallest number that no slot alive has: host ids go by it, and no two jobs share one.
unsigned Launcher::freeNumber() const {
  std::set<unsigned> taken;
  for (const auto& [pid, number] : slots_) {
    taken.insert(number);
  }
  unsigned number = 0;
  while (taken.contains(number)) {
    ++number;
  }
  return number;
}

// Failures go to the slot's own socket: the service listens there for the slot's first word.
void Launcher::makeSlot(Message request) {
  const auto refuse = [&request](const Error& error) {
    static_cast<void>(sendMessage(request.fd.get(), MessageType::kFailed, encode(error)).ok());
  };
  Result<SlotSpec> spec = decodeSlotSpec(request.body);
  if (!spec) {
    refuse(spec.error());
    return;
  }
  const unsigned number = freeNumber();
  std::string name = kCgroupPrefix + std::to_string(::getpid()) + "-" + std::to_string(made_++);
  const pid_t pid = ::fork();
  if (pid < 0) {
    refuse(systemError(errno, "fork a slot"));
    return;
  }
  if (pid == 0) {
    socket_.reset();
    runSlot(
        {*std::move(spec), number, std::move(name), &cgroups_, &filter_, std::move(request.fd)});
  }
  slots_.emplace(pid, number);
}

void Launcher::reap() {
  signalfd_siginfo ignored{};
  static_cast<void>(!::read(children_.get(), &ignored, sizeof ignored));
  int status = 0;
  for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    slots_.erase(pid);
    if (WIFSIGNALED(status)) {
      cgroups_.sweep(kCgroupPrefix + std::to_string(::getpid()) + "-");  // it could not itself
    }
  }
}

void Launcher::serve() {
  while (socket_ || !slots_.empty()) {
    std::array<pollfd, 2> watched{};
    watched[0] = {children_.get(), POLLIN, 0};
    watched[1] = {socket_.get(), POLLIN, 0};  // poll(2) passes over a negative descriptor
    ::poll(watched.data(), watched.size(), -1);
    if (watched[0].revents != 0) {
      reap();
    }
    if (watched[1].revents == 0) {
      continue;
    }
    Result<std::optional<Message>> request = receiveMessage(socket_.get());
    if (request && request->has_value()) {
      makeSlot(std::move(**request));
    } else {
      socket_.reset();
    }
  }
}

Result<UniqueFd> watchChildren() {
  sigset_t child;
  ::sigemptyset(&child);
  ::sigaddset(&child, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &child, nullptr);
  UniqueFd children(::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK));
  return children ? Result<UniqueFd>(std::move(children)) : systemError(errno, "make a signalfd");
}

}  // namespace

int runLauncher(int socket_fd) {
  ::prctl(PR_SET_NAME, "tango-launcher");
  ::signal(SIGPIPE, SIG_IGN);
  UniqueFd socket(socket_fd);
  ::fcntl(socket.get(), F_SETFD, FD_CLOEXEC);
  const pid_t service = ::getppid();
  Result<CgroupTree> cgroups = CgroupTree::open({::getpid(), service});
  Result<std::vector<sock_filter>> filter = makeSeccompFilter();
  Result<UniqueFd> children = watchChildren();
  if (!cgroups || !filter || !children) {
    const Error& error = !cgroups ? cgroups.error() : !filter ? filter.error() : children.error();
    static_cast<void>(sendMessage(socket.get(), MessageType::kFailed, encode(error)).ok());
    return 1;
  }
  cgroups->sweepDead(kCgroupPrefix);  // what a launcher that was killed left
  static_cast<void>(sendMessage(socket.get(), MessageType::kReady).ok());
  Launcher(std::move(socket), *std::move(children), *std::move(cgroups), *std::move(filter))
      .serve();
  return 0;
}

}  // namespace tango::sandbox
