#include "autodriver/shed.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/parts/cgroup_files.hpp"

namespace tango::autodriver {
namespace {

using sandbox::writeFileAt;

constexpr int kIoPriorityOfProcess = 1;  // IOPRIO_WHO_PROCESS, of <linux/ioprio.h>

}  // namespace

void shedCaller() {
  const sched_param plain{};
  ::sched_setscheduler(0, SCHED_OTHER, &plain);
  ::setpriority(PRIO_PROCESS, 0, 0);
  ::syscall(SYS_ioprio_set, kIoPriorityOfProcess, 0, 0);
  cpu_set_t all;
  CPU_ZERO(&all);
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    CPU_SET(core, &all);
  }
  ::sched_setaffinity(0, sizeof all, &all);
  if (!writeFileAt(AT_FDCWD, "/proc/self/oom_score_adj", "-500")) {
    static_cast<void>(writeFileAt(AT_FDCWD, "/proc/self/oom_score_adj", "0"));
  }
}

}  // namespace tango::autodriver
