#include "sandbox/student/service.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>

#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "sandbox/protocol.hpp"

namespace tango::sandbox {

using base::Result;
using base::systemError;
using base::UniqueFd;

Result<void> StudentService::open(JobUser grader) {
  grader_ = grader;
  socket_.reset(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, kStudentSocket, sizeof address.sun_path - 1);
  const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
  if (!socket_ || ::bind(socket_.get(), generic, sizeof address) != 0 ||
      ::chmod(kStudentSocket, 0600) != 0 || ::chown(kStudentSocket, grader.uid, grader.gid) != 0 ||
      ::listen(socket_.get(), kStudentRunsMax) != 0) {
    return systemError(errno, std::string("listen on ") + kStudentSocket);
  }
  return {};
}

int StudentService::socket() const {
  return runs_.size() < kStudentRunsMax ? socket_.get() : -1;
}

bool StudentService::isGrader(int connection) const {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         peer.uid == grader_.uid;
}

void StudentService::accept(const StudentSetup& setup) {
  UniqueFd connection(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!connection || !isGrader(connection.get())) {
    return;
  }
  // As fork(2), into new namespaces: the raw call, since glibc's clone() wants a stack.
  constexpr unsigned long kFlags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | SIGCHLD;
  const auto pid = static_cast<pid_t>(::syscall(SYS_clone, kFlags, nullptr, nullptr, nullptr, 0));
  if (pid == 0) {
    runStudentSession(setup, std::move(connection));
  }
  if (pid < 0) {
    const base::Error error = systemError(errno, "start a process for the command");
    static_cast<void>(sendMessage(connection.get(), MessageType::kFailed, encode(error)).ok());
    return;
  }
  runs_.insert(pid);
}

}  // namespace tango::sandbox
