#include "tango/bench/bare_run.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/unique_fd.hpp"

namespace tango::bench {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::UniqueFd;

class FileActions {
 public:
  FileActions(const std::filesystem::path& folder, int output) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, output, STDERR_FILENO);
    ::posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str());
  }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }

  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

Result<pid_t> start(const std::filesystem::path& folder, int output) {
  const FileActions actions(folder, output);
  std::string name = "make";
  std::string home = "HOME=" + folder.string();
  std::string language = "LANG=C.UTF-8";
  std::string path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  const std::array<char*, 2> arguments = {name.data(), nullptr};
  const std::array<char*, 4> environment = {home.data(), language.data(), path.data(), nullptr};
  pid_t pid = -1;
  const int failure =
      ::posix_spawnp(&pid, "make", actions.get(), nullptr, arguments.data(), environment.data());
  return failure == 0 ? Result<pid_t>(pid) : base::systemError(failure, "start make");
}

Result<std::string> readAll(int from) {
  std::string all;
  std::array<char, 65536> piece{};
  for (;;) {
    const ssize_t got = ::read(from, piece.data(), piece.size());
    if (got < 0 && errno != EINTR) {
      return base::systemError(errno, "read make's output");
    }
    if (got == 0) {
      return all;
    }
    all.append(piece.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  }
}

double secondsOf(const timeval& time) {
  constexpr double kMicrosPerSecond = 1e6;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / kMicrosPerSecond;
}

Result<int> waitFor(pid_t pid, rusage& used) {
  int status = 0;
  while (::wait4(pid, &status, 0, &used) < 0) {
    if (errno != EINTR) {
      return base::systemError(errno, "wait for make");
    }
  }
  return status;
}

}  // namespace

Result<BareRun> runMake(const std::filesystem::path& folder) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return base::systemError(errno, "make a pipe for make's output");
  }
  const UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  const Result<pid_t> pid = start(folder, write_end.get());
  if (!pid) {
    return pid.error();
  }
  write_end.reset();
  Result<std::string> output = readAll(read_end.get());
  rusage used{};
  const Result<int> status = waitFor(*pid, used);
  if (!output || !status) {
    return output ? status.error() : output.error();
  }
  if (*status != 0) {
    return Error(ErrorKind::kInvalid, "a bare make of the Makefile fails: " + *output);
  }
  return BareRun{base::SteadyClock::now(), secondsOf(used.ru_utime) + secondsOf(used.ru_stime),
                 *std::move(output)};
}

}  // namespace tango::bench
