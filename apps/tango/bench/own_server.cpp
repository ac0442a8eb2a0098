#include "tango/bench/own_server.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <sstream>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.hpp"

namespace tango::bench {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::UniqueFd;
namespace fs = std::filesystem;

constexpr base::Millis kStartTimeout{60'000};
constexpr base::Millis kStopTimeout{30'000};
constexpr int kLookMs = 100;
constexpr std::string_view kAnnounced = "listening on ";

std::string contentOf(const fs::path& file) {
  std::ostringstream content;
  content << std::ifstream(file, std::ios::binary).rdbuf();
  return content.str();
}

/// In the new process; only what is safe between fork and exec. A group of its own keeps a
/// terminal's Ctrl-C from it: it is ended by us, after the last request.
[[noreturn]] void become(const char* program, char* const* arguments, int output, int log,
                         pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() == parent && ::dup2(output, STDOUT_FILENO) >= 0 &&
      ::dup2(log, STDERR_FILENO) >= 0) {
    ::execv(program, arguments);
  }
  ::_exit(127);
}

Result<pid_t> spawn(std::vector<std::string> words, int output, int log) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  std::error_code failure;
  const fs::path program = fs::read_symlink("/proc/self/exe", failure);
  if (failure) {
    return Error(ErrorKind::kSystem, "find this program: " + failure.message());
  }
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) {
    become(program.c_str(), arguments.data(), output, log, parent);
  }
  return pid > 0 ? Result<pid_t>(pid) : base::systemError(errno, "fork for a server");
}

double secondsOf(const timeval& time) {
  constexpr double kMicrosPerSecond = 1e6;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / kMicrosPerSecond;
}

/// True once the process has ended; `status` and `used` are then set.
bool hasEnded(pid_t pid, int& status, rusage& used) {
  const pid_t got = ::wait4(pid, &status, WNOHANG, &used);
  return got == pid || (got < 0 && errno != EINTR);
}

}  // namespace

Result<OwnServer> OwnServer::start(const fs::path& folder,
                                   const std::function<bool()>& interrupted) {
  const fs::path config = folder / "tango.toml";
  const fs::path log = folder / "log";
  std::ofstream(config).close();
  const UniqueFd errors(::open(log.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  std::array<int, 2> ends{};
  if (!errors || ::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return base::systemError(errno, "prepare a server in " + folder.string());
  }
  UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  fs::path data = folder / "data";
  const Result<pid_t> pid = spawn({"tango", "serve", "--data-dir", data, "--config", config,
                                   "--host", "127.0.0.1", "--port", "0"},
                                  write_end.get(), errors.get());
  if (!pid) {
    return pid.error();
  }
  write_end.reset();
  OwnServer server(*pid, std::move(read_end), std::move(data));
  const Result<void> listening = server.awaitAddress(log, interrupted);
  return listening ? Result<OwnServer>(std::move(server)) : listening.error();
}

Result<void> OwnServer::awaitAddress(const fs::path& log,
                                     const std::function<bool()>& interrupted) {
  const base::Deadline deadline = base::after(kStartTimeout);
  std::string said;
  while (said.find('\n') == std::string::npos) {
    if (interrupted()) {
      return Error(ErrorKind::kCancelled, "interrupted");
    }
    if (base::SteadyClock::now() > deadline) {
      return Error(ErrorKind::kTimeout, "the server did not start in time: " + contentOf(log));
    }
    pollfd more{says_.get(), POLLIN, 0};
    if (::poll(&more, 1, kLookMs) <= 0) {
      continue;
    }
    std::array<char, 256> piece{};
    const ssize_t got = ::read(says_.get(), piece.data(), piece.size());
    if (got == 0) {
      return Error(ErrorKind::kSystem, "the server did not start: " + contentOf(log));
    }
    said.append(piece.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  }
  if (!said.starts_with(kAnnounced)) {
    return Error(ErrorKind::kSystem, "the server says no address, but " + said);
  }
  url_ = said.substr(kAnnounced.size(), said.find('\n') - kAnnounced.size());
  return {};
}

OwnServer::OwnServer(OwnServer&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      says_(std::move(other.says_)),
      data_(std::move(other.data_)),
      url_(std::move(other.url_)) {}

OwnServer::~OwnServer() {
  if (pid_ > 0) {
    (void)stop().ok();
  }
}

Result<double> OwnServer::stop() {
  const pid_t pid = std::exchange(pid_, -1);
  ::kill(pid, SIGTERM);
  const base::Deadline deadline = base::after(kStopTimeout);
  int status = 0;
  rusage used{};
  bool killed = false;
  while (!hasEnded(pid, status, used)) {
    if (!killed && base::SteadyClock::now() > deadline) {
      killed = ::kill(pid, SIGKILL) == 0;
    }
    std::this_thread::sleep_for(base::Millis(5));
  }
  if (killed || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return Error(ErrorKind::kSystem, "the server did not end in order");
  }
  return secondsOf(used.ru_utime) + secondsOf(used.ru_stime);
}

}  // namespace tango::bench
