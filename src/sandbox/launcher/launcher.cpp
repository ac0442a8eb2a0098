#include "sandbox/launcher/launcher.hpp"

#include <cerrno>
#include <csignal>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/prctl.h>
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
  Launcher(UniqueFd socket, CgroupTree cgroups, std::vector<sock_filter> filter)
      : socket_(std::move(socket)), cgroups_(std::move(cgroups)), filter_(std::move(filter)) {}

  void serve();

 private:
  void makeSlot(Message request);

  UniqueFd socket_;
  CgroupTree cgroups_;
  std::vector<sock_filter> filter_;
  unsigned slots_ = 0;
};

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
  const unsigned number = slots_++;
  std::string name = kCgroupPrefix + std::to_string(::getpid()) + "-" + std::to_string(number);
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
}

void Launcher::serve() {
  for (;;) {
    Result<std::optional<Message>> request = receiveMessage(socket_.get());
    if (!request || !request->has_value()) {
      return;
    }
    makeSlot(std::move(**request));
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {  // slots that were thrown away
    }
  }
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
  if (!cgroups || !filter) {
    const Error& error = cgroups ? filter.error() : cgroups.error();
    static_cast<void>(sendMessage(socket.get(), MessageType::kFailed, encode(error)).ok());
    return 1;
  }
  cgroups->sweep(kCgroupPrefix);  // what a launcher that was killed left
  static_cast<void>(sendMessage(socket.get(), MessageType::kReady).ok());
  {
    Launcher launcher(std::move(socket), *cgroups, *std::move(filter));
    launcher.serve();
  }
  while (::waitpid(-1, nullptr, 0) > 0 || errno == EINTR) {
  }
  return 0;
}

}  // namespace tango::sandbox
