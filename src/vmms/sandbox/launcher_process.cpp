#include "vmms/sandbox/launcher_process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <string>

#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/protocol.hpp"
#include "vmms/beside_program.hpp"

namespace tango::vmms {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::systemError;
using base::UniqueFd;

constexpr int kSocketInLauncher = 3;
constexpr int kStartTimeoutMs = 10'000;
constexpr int kExitTimeoutMs = 5'000;

class SpawnSetup {
 public:
  explicit SpawnSetup(int socket) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_adddup2(&actions_, socket, kSocketInLauncher);
    ::posix_spawnattr_init(&attributes_);
    sigset_t none;
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;
  ~SpawnSetup() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }

  int run(pid_t* pid, const char* program, char* const* arguments, char* const* environment) {
    return ::posix_spawn(pid, program, &actions_, &attributes_, arguments, environment);
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

Result<LauncherProcess> LauncherProcess::start(const std::filesystem::path& program) {
  Result<sandbox::SocketPair> pair = sandbox::makeSocketPair();
  if (!pair) {
    return pair.error();
  }
  std::string name = "tango-sandbox";
  std::string socket = std::to_string(kSocketInLauncher);
  const std::array<char*, 3> arguments = {name.data(), socket.data(), nullptr};
  const std::array<char*, 1> environment = {nullptr};
  pid_t pid = -1;
  const int failure = SpawnSetup(pair->second.get())
                          .run(&pid, program.c_str(), arguments.data(), environment.data());
  if (failure != 0) {
    return systemError(failure, "start " + program.string());
  }
  // Its pid cannot be another's: it is our child and nobody has waited for it.
  UniqueFd pid_fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  pair->second.reset();
  pollfd said{pair->first.get(), POLLIN, 0};
  if (::poll(&said, 1, kStartTimeoutMs) != 1) {
    return Error(ErrorKind::kTimeout, program.string() + " did not start in time");
  }
  Result<std::optional<sandbox::Message>> ready = sandbox::receiveMessage(pair->first.get());
  if (!ready) {
    return ready.error();
  }
  if (!ready->has_value()) {
    return Error(ErrorKind::kSystem, program.string() + " ended at once");
  }
  if ((*ready)->type == sandbox::MessageType::kFailed) {
    return sandbox::decodeError((*ready)->body);
  }
  return LauncherProcess(std::move(pid_fd), std::move(pair->first));
}

LauncherProcess::~LauncherProcess() {
  if (!pid_fd_) {
    return;
  }
  socket_.reset();
  pollfd ended{pid_fd_.get(), POLLIN, 0};
  ::poll(&ended, 1, kExitTimeoutMs);
  siginfo_t ignored{};
  ::waitid(P_PIDFD, static_cast<id_t>(pid_fd_.get()), &ignored, WEXITED | WNOHANG);
}

Result<UniqueFd> LauncherProcess::makeSlot(const sandbox::SlotSpec& spec) const {
  Result<sandbox::SocketPair> pair = sandbox::makeSocketPair();
  if (!pair) {
    return pair.error();
  }
  const Result<void> sent = sandbox::sendMessage(socket_.get(), sandbox::MessageType::kMakeSlot,
                                                 sandbox::encode(spec), pair->second.get());
  if (!sent) {
    return sent.error().during("ask tango-sandbox for a slot");
  }
  return std::move(pair->first);
}

std::filesystem::path launcherBesideProgram() {
  return besideProgram("tango-sandbox");
}

}  // namespace tango::vmms
