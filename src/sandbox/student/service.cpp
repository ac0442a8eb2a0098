#include "sandbox/student/service.hpp"

#include <cerrno>
#include <cstring>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "sandbox/protocol.hpp"
#include "sandbox/student/messages.hpp"

namespace tango::sandbox {

using base::Result;
using base::systemError;
using base::UniqueFd;

Result<void> StudentService::open(const char* path, JobUser grader) {
  grader_ = grader;
  socket_.reset(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
  if (!socket_ || ::bind(socket_.get(), generic, sizeof address) != 0 || ::chmod(path, 0600) != 0 ||
      ::chown(path, grader.uid, grader.gid) != 0 || ::listen(socket_.get(), kStudentRunsMax) != 0) {
    return systemError(errno, std::string("listen on ") + path);
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

void StudentService::accept(const Start& start) {
  UniqueFd connection(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!connection || !isGrader(connection.get())) {
    return;
  }
  const Result<pid_t> pid = start(connection);
  if (!pid) {
    static_cast<void>(
        sendMessage(connection.get(), MessageType::kFailed, encode(pid.error())).ok());
    return;
  }
  runs_.insert(*pid);
}

}  // namespace tango::sandbox
