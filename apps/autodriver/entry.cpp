#include "autodriver/entry.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace tango::autodriver {
namespace {

using base::Error;
using base::ErrorKind;
using base::systemError;

using Resource = decltype(RLIMIT_NPROC);

Result<void> openStandardDescriptors() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) {
      continue;
    }
    // The lowest free number is given, so this one.
    if (::open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY) != fd) {
      return systemError(errno, "open /dev/null");
    }
  }
  return {};
}

bool isIgnored(int number) {
  struct sigaction now{};
  return ::sigaction(number, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

// All signals are blocked: what stops autodriver is read from a signalfd, a pending SIGALRM of
// the caller's or a SIGPIPE never arrives. A caller's nohup is honoured.
void resetSignals() {
  std::vector<int> stay_ignored;
  for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM}) {
    if (isIgnored(number)) {
      stay_ignored.push_back(number);
    }
  }
  sigset_t all;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
  resetDispositions();
  for (const int number : stay_ignored) {
    ::signal(number, SIG_IGN);
  }
}

void liftRlimits() {
  for (const auto resource : {RLIMIT_FSIZE, RLIMIT_CPU, RLIMIT_AS, RLIMIT_DATA, RLIMIT_NPROC,
                              RLIMIT_NOFILE, RLIMIT_MEMLOCK}) {
    rlimit limit{};
    if (::getrlimit(resource, &limit) != 0) {
      continue;
    }
    const bool files = resource == RLIMIT_NOFILE;
    const rlim_t wanted = files ? std::max<rlim_t>(limit.rlim_max, 1024) : RLIM_INFINITY;
    const rlimit lifted{wanted, wanted};
    if (::setrlimit(resource, &lifted) != 0) {
      limit.rlim_cur = limit.rlim_max;  // what can be had without CAP_SYS_RESOURCE
      ::setrlimit(resource, &limit);
    }
  }
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

}  // namespace

Result<Caller> meetCaller() {
  if (const Result<void> opened = openStandardDescriptors(); !opened) {
    return opened.error();
  }
  Caller caller;
  caller.identity.uid = ::getuid();
  caller.identity.gid = ::getgid();
  caller.identity.groups.resize(static_cast<std::size_t>(std::max(::getgroups(0, nullptr), 0)));
  const int groups =
      ::getgroups(static_cast<int>(caller.identity.groups.size()), caller.identity.groups.data());
  if (groups < 0) {
    return systemError(errno, "read the caller's groups");
  }
  for (char** variable = ::environ; variable != nullptr && *variable != nullptr; ++variable) {
    caller.environment.emplace_back(*variable);
  }
  for (std::size_t i = 0; i < caller.rlimits.size(); ++i) {
    ::getrlimit(static_cast<Resource>(i), &caller.rlimits.at(i));
  }
  ::clearenv();
  return caller;
}

Result<void> takeOver(std::optional<int> report_fd) {
  if (::geteuid() != 0) {
    return Error(ErrorKind::kUnsupported,
                 "autodriver has not the rights of root: its file must belong to root and have "
                 "mode 4755, on a file system without nosuid, in a container without "
                 "no-new-privileges");
  }
  if (report_fd) {
    const int flags = ::fcntl(*report_fd, F_GETFL);
    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY || (flags & O_PATH) != 0) {
      return Error(
          ErrorKind::kInvalid,
          "option --report: descriptor " + std::to_string(*report_fd) + " is not open for writing");
    }
  }
  if (::setgroups(0, nullptr) != 0 || ::setresgid(0, 0, 0) != 0 || ::setresuid(0, 0, 0) != 0 ||
      ::prctl(PR_SET_DUMPABLE, 0) != 0) {
    return systemError(errno, "become root");
  }
  if (const Result<void> closed = closeDescriptorsBut({report_fd.value_or(-1)}); !closed) {
    return closed;
  }
  if (report_fd.value_or(-1) > 2) {
    ::fcntl(*report_fd, F_SETFD, FD_CLOEXEC);
  }
  resetSignals();
  liftRlimits();
  ::umask(077);
  return {};
}

Result<void> closeDescriptorsBut(const std::vector<int>& keep) {
  DIR* const list = ::opendir("/proc/self/fd");
  if (list == nullptr) {
    return systemError(errno, "open /proc/self/fd: /proc must be mounted");
  }
  std::vector<int> open;
  while (const dirent* entry = ::readdir(list)) {
    const std::string_view name = entry->d_name;
    int fd = -1;
    std::from_chars(name.data(), name.data() + name.size(), fd);
    if (fd > 2 && fd != ::dirfd(list) && std::find(keep.begin(), keep.end(), fd) == keep.end()) {
      open.push_back(fd);
    }
  }
  ::closedir(list);
  for (const int fd : open) {
    ::close(fd);
  }
  return {};
}

void resetDispositions() noexcept {
  // The kernel's own struct, all zero: SIG_DFL. sigaction(3) refuses signals 32 and 33.
  constexpr std::size_t kMaskBytes = 8;
  const std::array<std::uint64_t, 4> by_default{};
  for (int number = 1; number < NSIG; ++number) {
    ::syscall(SYS_rt_sigaction, number, by_default.data(), nullptr, kMaskBytes);
  }
}

void restoreRlimits(const Caller& caller) noexcept {
  // The hard limits may have been lifted, never lowered: this cannot fail for want of rights.
  for (std::size_t i = 0; i < caller.rlimits.size(); ++i) {
    ::setrlimit(static_cast<Resource>(i), &caller.rlimits.at(i));
  }
}

}  // namespace tango::autodriver
