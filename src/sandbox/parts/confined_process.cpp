#include "sandbox/parts/confined_process.hpp"

#include <cerrno>
#include <charconv>
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
#include "sandbox/parts/rlimits.hpp"
#include "sandbox/parts/seccomp.hpp"

namespace tango::sandbox {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::systemError;

bool dieWithParent(const ConfinedProcess& /*process*/) {
  return ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;
}

bool newSession(const ConfinedProcess& /*process*/) {
  return ::setsid() >= 0;
}

// The kernel shall take a job's process before anything of ours when memory runs out. /proc/self
// belongs to root while a process is not dumpable. Until exec this one has its starter's memory,
// which no process of the same user may then touch: so it is not dumpable again at once.
bool offerToOomKiller(const ConfinedProcess& process) {
  if (::prctl(PR_SET_DUMPABLE, 1) != 0) {
    return false;
  }
  std::array<char, 8> score{};
  const auto end = std::to_chars(score.begin(), score.end(), process.oom_score).ptr;
  const auto size = static_cast<std::size_t>(end - score.begin());
  const int file = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  return file >= 0 && ::write(file, score.data(), size) == static_cast<ssize_t>(size) &&
         ::prctl(PR_SET_DUMPABLE, 0) == 0;
}

bool redirect(const ConfinedProcess& process) {
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0) {
    return false;
  }
  for (int number = 0; number < 3; ++number) {
    const int end = process.standard.at(static_cast<std::size_t>(number));
    if (::dup2(end < 0 ? null : end, number) < 0) {
      return false;
    }
  }
  return true;
}

bool limitResources(const ConfinedProcess& process) {
  for (const ConfinedProcess::Limit& limit : process.limits) {
    errno = lowerRlimit(limit.resource, limit.value);
    if (errno != 0) {
      return false;
    }
  }
  return true;
}

bool giveUpRights(const ConfinedProcess& process) {
  // A change of ids makes it as dumpable as fs.suid_dumpable says.
  return dropBoundingSet() && becomeUser(process.user) && ::prctl(PR_SET_DUMPABLE, 0) == 0 &&
         dropCapabilities();
}

bool filterCalls(const ConfinedProcess& process) {
  return installSeccompFilter(*process.filter);
}

bool enterFolder(const ConfinedProcess& process) {
  ::umask(022);
  return ::chdir(process.folder.c_str()) == 0;
}

bool resetSignals(const ConfinedProcess& /*process*/) {
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
bool closeTheRest(const ConfinedProcess& /*process*/) {
  return ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0;
}

struct Step {
  const char* name;
  bool (*apply)(const ConfinedProcess& process);
};

// In this order: what needs a right comes before the right is given up.
constexpr std::array kSteps = {
    Step{"start a session", newSession},
    Step{"offer it to the OOM killer", offerToOomKiller},
    Step{"redirect its standard streams", redirect},
    Step{"limit its resources", limitResources},
    Step{"give up all rights", giveUpRights},
    Step{"die with its init", dieWithParent},  // changing ids clears it, so it comes after
    Step{"enter its folder", enterFolder},
    Step{"close descriptors", closeTheRest},
    Step{"filter system calls", filterCalls},
    Step{"reset signals", resetSignals},
};

// What the child says of a failure, in the memory of its starter: volatile, since no compiler can
// see that it is written there.
struct Failure {
  volatile std::size_t step = kSteps.size();  // that many: exec
  volatile int errno_value = 0;               // 0: it runs
};

[[noreturn]] void fail(Failure& failure, std::size_t step) {
  failure.errno_value = errno;
  failure.step = step;
  ::_exit(127);
}

// As execvp(3) does: a program that may not be executed counts only if no other is found.
void execute(const ConfinedProcess& process, char* const* arguments, char* const* environment) {
  int failure = ENOENT;
  for (const std::string& program : process.programs) {
    ::execve(program.c_str(), arguments, environment);
    if (errno != ENOENT && errno != ENOTDIR) {
      failure = errno;
    }
    if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) {
      break;
    }
  }
  errno = failure;
}

[[noreturn]] void becomeProgram(const ConfinedProcess& process, char* const* arguments,
                                char* const* environment, Failure& failure) {
  for (std::size_t i = 0; i < kSteps.size(); ++i) {
    if (!kSteps.at(i).apply(process)) {
      fail(failure, i);
    }
  }
  execute(process, arguments, environment);
  fail(failure, kSteps.size());
}

Error describe(const ConfinedProcess& process, const Failure& failure) {
  if (failure.step < kSteps.size()) {
    return {ErrorKind::kSystem,
            systemError(failure.errno_value, kSteps.at(failure.step).name).message()};
  }
  const std::string what = process.arguments.empty() ? "" : process.arguments.front();
  const ErrorKind kind = failure.errno_value == ENOENT ? ErrorKind::kNotFound : ErrorKind::kInvalid;
  return {kind, systemError(failure.errno_value, "execute " + what).message()};
}

std::vector<char*> pointersTo(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (const std::string& word : words) {
    pointers.push_back(const_cast<char*>(word.c_str()));  // execve only reads
  }
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Result<pid_t> startConfined(const ConfinedProcess& process) {
  const std::vector<char*> arguments = pointersTo(process.arguments);
  const std::vector<char*> environment = pointersTo(process.environment);
  Failure failure;
  // The child runs on the memory and the stack of its starter, which waits until exec or its end:
  // copying the starter's page tables, and the pages that both then write, costs more than the
  // steps.
  const pid_t pid = ::vfork();
  if (pid < 0) {
    return Error(ErrorKind::kSystem, systemError(errno, "fork").message());
  }
  if (pid == 0) {
    becomeProgram(process, arguments.data(), environment.data(), failure);
  }
  if (failure.errno_value != 0) {
    ::waitpid(pid, nullptr, 0);
    return describe(process, failure);
  }
  return pid;
}

}  // namespace tango::sandbox
