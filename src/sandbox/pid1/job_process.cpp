#include "sandbox/pid1/job_process.hpp"

#include <array>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/parts/credentials.hpp"
#include "sandbox/parts/mounts.hpp"
#include "sandbox/parts/rlimits.hpp"
#include "sandbox/parts/seccomp.hpp"

namespace tango::sandbox {
namespace {

using base::Error;
using base::ErrorKind;
using base::systemError;

constexpr std::array kMakePaths = {"/usr/bin/make", "/bin/make", "/usr/local/bin/make"};

bool dieWithInit(const JobProcess& /*job*/) {
  return ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;
}

bool newSession(const JobProcess& /*job*/) {
  return ::setsid() >= 0;
}

// The kernel shall take a job's process before anything of ours when memory runs out. /proc/self
// belongs to root while a process is not dumpable.
bool offerToOomKiller(const JobProcess& /*job*/) {
  if (::prctl(PR_SET_DUMPABLE, 1) != 0) {
    return false;
  }
  const int file = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  return file >= 0 && ::write(file, "1000", 4) == 4;
}

bool redirect(const JobProcess& job) {
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  return null >= 0 && ::dup2(null, STDIN_FILENO) >= 0 && ::dup2(job.output, STDOUT_FILENO) >= 0 &&
         ::dup2(job.output, STDERR_FILENO) >= 0;
}

bool limit(int resource, std::uint64_t value) {
  errno = lowerRlimit(resource, value);
  return errno == 0;
}

bool limitResources(const JobProcess& job) {
  // RLIMIT_NPROC counts a user's processes in this user namespace; init and its keeper have the
  // job's own id where there is only one. Where a control group limits them it comes second: only
  // the group counts what it refused.
  const std::uint64_t ours = job.two_ids ? 0 : 2;
  const std::uint64_t second = job.processes_counted ? 1 : 0;
  return limit(RLIMIT_NPROC, job.limits.processes + ours + second) &&
         limit(RLIMIT_FSIZE, job.limits.file_size_bytes) &&
         limit(RLIMIT_NOFILE, job.limits.open_files) && limit(RLIMIT_CORE, 0) &&
         limit(RLIMIT_MEMLOCK, std::uint64_t{64} * 1024);
}

bool giveUpRights(const JobProcess& job) {
  return dropBoundingSet() && becomeUser(job.user) && dropCapabilities();
}

bool filterCalls(const JobProcess& job) {
  return installSeccompFilter(*job.filter);
}

bool enterWorkFolder(const JobProcess& /*job*/) {
  ::umask(022);
  return ::chdir(kWorkFolder) == 0;
}

bool resetSignals(const JobProcess& /*job*/) {
  // Ignored signals stay ignored over exec, and ours are not the job's business. The raw call,
  // since glibc keeps two signals to itself; all zero is the kernel's struct for SIG_DFL.
  const std::array<std::uint64_t, 4> default_action{};
  constexpr std::size_t kMaskBytes = 8;
  for (int number = 1; number < NSIG; ++number) {
    ::syscall(SYS_rt_sigaction, number, default_action.data(), nullptr, kMaskBytes);
  }
  sigset_t none;
  ::sigemptyset(&none);
  return ::sigprocmask(SIG_SETMASK, &none, nullptr) == 0;
}

// Everything beyond stdin, stdout and stderr ends at exec.
bool closeTheRest(const JobProcess& /*job*/) {
  return ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0;
}

struct Step {
  const char* name;
  bool (*apply)(const JobProcess& job);
};

// In this order: what needs a right comes before the right is given up.
constexpr std::array kSteps = {
    Step{"start a session", newSession},
    Step{"offer it to the OOM killer", offerToOomKiller},
    Step{"redirect its output", redirect},
    Step{"limit its resources", limitResources},
    Step{"give up all rights", giveUpRights},
    Step{"die with its init", dieWithInit},  // changing ids clears it, so it comes after
    Step{"enter the work folder", enterWorkFolder},
    Step{"close descriptors", closeTheRest},
    Step{"filter system calls", filterCalls},
    Step{"reset signals", resetSignals},
};

// What the child says of a failure; exec closes the pipe, so its silence means success.
struct Failure {
  std::size_t step = kSteps.size();
  int errno_value = 0;
};

[[noreturn]] void fail(int pipe, std::size_t step) {
  const Failure failure{step, errno};
  static_cast<void>(!::write(pipe, &failure, sizeof failure));
  ::_exit(127);
}

[[noreturn]] void becomeJob(const JobProcess& job, char* const* environment, int pipe) {
  for (std::size_t i = 0; i < kSteps.size(); ++i) {
    if (!kSteps.at(i).apply(job)) {
      fail(pipe, i);
    }
  }
  std::array<char, 5> name{'m', 'a', 'k', 'e', '\0'};
  const std::array<char*, 2> arguments = {name.data(), nullptr};
  for (const char* path : kMakePaths) {
    ::execve(path, arguments.data(), environment);
    if (errno != ENOENT) {
      break;
    }
  }
  fail(pipe, kSteps.size());
}

Error describe(const Failure& failure) {
  if (failure.step < kSteps.size()) {
    return systemError(failure.errno_value, kSteps.at(failure.step).name);
  }
  if (failure.errno_value == ENOENT) {
    return {ErrorKind::kInvalid,
            "the image has no make (looked in /usr/bin, /bin and /usr/local/bin)"};
  }
  return systemError(failure.errno_value, "run make");
}

}  // namespace

Result<pid_t> startJob(const JobProcess& job) {
  std::vector<char*> environment;
  environment.reserve(job.environment.size() + 1);
  for (const std::string& variable : job.environment) {
    environment.push_back(const_cast<char*>(variable.c_str()));  // execve only reads
  }
  environment.push_back(nullptr);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return systemError(errno, "make a pipe");
  }
  const UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  const pid_t pid = ::fork();
  if (pid < 0) {
    return systemError(errno, "fork the job's process");
  }
  if (pid == 0) {
    becomeJob(job, environment.data(), write_end.get());
  }
  write_end.reset();
  Failure failure;
  if (::read(read_end.get(), &failure, sizeof failure) == static_cast<ssize_t>(sizeof failure)) {
    ::waitpid(pid, nullptr, 0);
    return describe(failure);
  }
  return pid;
}

}  // namespace tango::sandbox
