#include "vmms/ssh/ssh_process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tango::vmms::ssh {
namespace {

using base::Result;
using base::systemError;
using base::UniqueFd;
using boost::system::error_code;

class SpawnSetup {
 public:
  SpawnSetup() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    sigset_t signals;
    ::sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes_, &signals);
    ::sigfillset(&signals);
    ::posix_spawnattr_setsigdefault(&attributes_, &signals);
    ::posix_spawnattr_setflags(&attributes_,
                               POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;
  ~SpawnSetup() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }

  void give(int fd, int as) {
    if (fd < 0) {
      ::posix_spawn_file_actions_addopen(&actions_, as, "/dev/null", O_RDWR, 0);
    } else {
      ::posix_spawn_file_actions_adddup2(&actions_, fd, as);
    }
  }
  int run(pid_t* pid, const std::vector<std::string>& arguments) {
    std::vector<char*> pointers;
    pointers.reserve(arguments.size() + 1);
    for (const std::string& each : arguments) {
      pointers.push_back(const_cast<char*>(each.c_str()));
    }
    pointers.push_back(nullptr);
    return ::posix_spawnp(pid, pointers[0], &actions_, &attributes_, pointers.data(), environ);
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

Result<std::unique_ptr<SshProcess>> SshProcess::start(const boost::asio::any_io_executor& executor,
                                                      std::vector<std::string> arguments,
                                                      Streams streams,
                                                      std::shared_ptr<LastWords> words,
                                                      std::function<void()> ended) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
    return systemError(errno, "make a pipe");
  }
  UniqueFd reading(pipe[0]);
  const UniqueFd writing(pipe[1]);
  ::fcntl(reading.get(), F_SETFL, O_NONBLOCK);
  SpawnSetup setup;
  setup.give(streams.in, STDIN_FILENO);
  setup.give(streams.out, STDOUT_FILENO);
  setup.give(writing.get(), STDERR_FILENO);
  // posix_spawn cannot ask for a signal at the parent's death. A connection that serves others
  // reads nothing from us, and would never know that we are gone. (A command may take SIGTERM for
  // the end of that one alone, and make its own.)
  std::vector<std::string> wrapped = {"setpriv", "--pdeathsig", "KILL", "--"};
  wrapped.insert(wrapped.end(), std::make_move_iterator(arguments.begin()),
                 std::make_move_iterator(arguments.end()));
  pid_t pid = -1;
  const int failure = setup.run(&pid, wrapped);
  if (failure != 0) {
    return systemError(failure, "start " + wrapped[0]);
  }
  // Its pid cannot be another's: it is our child and nobody has waited for it.
  UniqueFd pid_fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!pid_fd) {
    const int why = errno;
    ::kill(-pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return systemError(why, "watch " + wrapped[4]);
  }
  return std::unique_ptr<SshProcess>(new SshProcess(
      executor, pid, std::move(pid_fd), std::move(reading), std::move(words), std::move(ended)));
}

SshProcess::SshProcess(const boost::asio::any_io_executor& executor, pid_t pid, UniqueFd pid_fd,
                       UniqueFd errors, std::shared_ptr<LastWords> words,
                       std::function<void()> ended)
    : pid_(pid),
      pid_fd_(executor, pid_fd.release()),
      errors_(executor, errors.release()),
      words_(std::move(words)),
      ended_(std::move(ended)) {
  awaitWords();
  awaitEnd();
}

SshProcess::~SshProcess() {
  kill();
  // By its pid: asio has made the descriptor one that does not wait.
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

// Until it is reaped, no other process or session can have its number.
void SshProcess::kill() const {
  ::kill(-pid_, SIGKILL);
}

void SshProcess::listen() {
  // As much as a pipe holds: who writes without end is not listened to without end.
  std::array<char, 4096> room;
  for (int reads = 0; reads < 16; ++reads) {
    const ssize_t got = ::read(errors_.native_handle(), room.data(), room.size());
    heard_all_ = heard_all_ || got == 0;
    if (got <= 0) {
      return;
    }
    words_->append(std::string_view(room.data(), static_cast<std::size_t>(got)));
  }
}

void SshProcess::awaitWords() {
  errors_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                     [this, alive = std::weak_ptr(life_)](const error_code& failure) {
                       if (failure || alive.expired()) {
                         return;
                       }
                       listen();
                       if (!heard_all_) {
                         awaitWords();
                       }
                     });
}

void SshProcess::awaitEnd() {
  pid_fd_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                     [this, alive = std::weak_ptr(life_)](const error_code& failure) {
                       if (failure || alive.expired()) {
                         return;
                       }
                       listen();
                       const auto ended = std::move(ended_);
                       ended();
                     });
}

}  // namespace tango::vmms::ssh
