// What the kernel and the disk alone take for a job in the sandbox, beside bare makes in turns:
//
//   cpu, rate  the sandbox's own steps for each job (new namespaces, scratch, the start of make,
//   the
//              end of it all) one behind the other, in one process a core
//   latency    the same, one job at a time with a pause behind it
//   sync       as much as the end of a job writes, written and synced; a job waits for two of them
//
// No service, no messages, no control groups, no proof that nothing is left: nothing that is built
// of these steps can be faster. It needs root.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "base/unique_fd.hpp"
#include "sandbox/parts/confined_process.hpp"
#include "sandbox/parts/mounts.hpp"
#include "sandbox/parts/seccomp.hpp"
#include "support/temp_folder.hpp"
#include "vmms/sandbox/root_plan.hpp"

namespace tango {
namespace {

constexpr std::string_view kMakefile = "all:\n\t@echo hello\n";

[[noreturn]] void die(const std::string& why) {
  std::fprintf(stderr, "sandbox_floor: %s\n", why.c_str());
  std::_Exit(1);
}

void require(bool done, const char* what) {
  if (!done) {
    die(what);
  }
}

void awaitSuccess(pid_t pid, const char* what) {
  int status = 0;
  require(::waitpid(pid, &status, 0) == pid && status == 0, what);
}

void runBare(const std::string& folder) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDWR, 0);
  ::posix_spawn_file_actions_adddup2(&actions, 0, 1);
  ::posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  std::string name = "make";
  std::string path = "PATH=/usr/bin:/bin";
  const std::array<char*, 2> arguments = {name.data(), nullptr};
  const std::array<char*, 2> environment = {path.data(), nullptr};
  pid_t pid = -1;
  require(::posix_spawn(&pid, "/usr/bin/make", &actions, nullptr, arguments.data(),
                        environment.data()) == 0,
          "posix_spawn /usr/bin/make");
  ::posix_spawn_file_actions_destroy(&actions);
  awaitSuccess(pid, "a bare make");
}

// As a slot's keeper, once for all of its jobs.
void prepareSlot() {
  require(::unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWCGROUP) == 0, "unshare");
  if (const base::Result<void> entered = sandbox::enterRoot(vmms::hostRootPlan({})); !entered) {
    die(entered.error().message());
  }
}

// As a job's init.
void beInit(const std::vector<sock_filter>& filter) {
  constexpr std::uint64_t kDiskBytes = 64 << 20;
  constexpr std::uint64_t kDiskInodes = 10'000;
  ::umask(0);
  require(sandbox::mountScratch(kDiskBytes, kDiskInodes, {}).ok(), "mount scratch");
  const std::string file = std::string(sandbox::kWorkFolder) + "/Makefile";
  {
    const base::UniqueFd makefile(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    require(::write(makefile.get(), kMakefile.data(), kMakefile.size()) ==
                static_cast<ssize_t>(kMakefile.size()),
            "write the Makefile");
  }
  sandbox::ConfinedProcess make;
  make.folder = sandbox::kWorkFolder;
  make.programs = {"/usr/bin/make"};
  make.arguments = {"make"};
  make.environment = {"PATH=/usr/bin:/bin"};
  make.filter = &filter;
  const base::Result<pid_t> pid = sandbox::startConfined(make);
  require(pid.ok(), "start make");
  awaitSuccess(*pid, "a make in its namespaces");
}

void runInNamespaces(const std::vector<sock_filter>& filter) {
  constexpr unsigned long kFlags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | SIGCHLD;
  const auto pid = static_cast<pid_t>(::syscall(SYS_clone, kFlags, nullptr, nullptr, nullptr, 0));
  require(pid >= 0, "clone");
  if (pid == 0) {
    beInit(filter);
    ::_exit(0);
  }
  awaitSuccess(pid, "a job");
}

struct Cost {
  double cpu_ms;  ///< of processor time a job
  double rate;    ///< jobs a second
};

double cpuSeconds() {
  rusage used{};
  ::getrusage(RUSAGE_CHILDREN, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// `jobs` of them, shared out to one process a core; `prepare` comes first in each of these, and is
// little beside the jobs.
template <class Prepare, class Job>
Cost measure(int jobs, Prepare prepare, Job job) {
  const auto cores = static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN));
  const double cpu_before = cpuSeconds();
  const auto begin = base::SteadyClock::now();
  std::vector<pid_t> workers;
  for (int core = 0; core < cores; ++core) {
    workers.push_back(::fork());
    if (workers.back() == 0) {
      prepare();
      for (int left = jobs / cores; left > 0; --left) {
        job();
      }
      ::_exit(0);
    }
  }
  for (const pid_t worker : workers) {
    awaitSuccess(worker, "a worker");
  }
  const double seconds = std::chrono::duration<double>(base::SteadyClock::now() - begin).count();
  return {(cpuSeconds() - cpu_before) / jobs * 1e3, jobs / seconds};
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.at(values.size() / 2);
}

template <class Value>
double median(const std::vector<Cost>& costs, Value value) {
  std::vector<double> values;
  for (const Cost& cost : costs) {
    values.push_back(value(cost));
  }
  return median(std::move(values));
}

template <class Work>
double millisOf(Work work) {
  const auto begin = base::SteadyClock::now();
  work();
  return std::chrono::duration<double, std::milli>(base::SteadyClock::now() - begin).count();
}

// The median of some, by a process of its own that has prepared itself before.
template <class Prepare, class Job>
double latency(Prepare prepare, Job job) {
  constexpr int kJobs = 60;
  constexpr useconds_t kPauseUs = 5'000;
  std::array<int, 2> ends{};
  require(::pipe2(ends.data(), O_CLOEXEC) == 0, "make a pipe");
  const base::UniqueFd read_end(ends[0]);
  base::UniqueFd write_end(ends[1]);
  const pid_t worker = ::fork();
  if (worker == 0) {
    prepare();
    std::vector<double> times;
    for (int i = 0; i < kJobs; ++i) {
      times.push_back(millisOf(job));
      ::usleep(kPauseUs);
    }
    const double middle = median(std::move(times));
    ::_exit(::write(ends[1], &middle, sizeof middle) == sizeof middle ? 0 : 1);
  }
  write_end.reset();
  double middle = 0;
  require(::read(read_end.get(), &middle, sizeof middle) == sizeof middle,
          "read a worker's result");
  awaitSuccess(worker, "a worker");
  return middle;
}

// Over a file that has its blocks already, as the store's log has.
double syncMillis(const std::filesystem::path& file) {
  constexpr int kSyncs = 200;
  constexpr std::size_t kBytes = 40 * 1024;  // some ten pages
  const std::string content(kBytes, 'x');
  const base::UniqueFd log(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  const auto write = [&] {
    require(::pwrite(log.get(), content.data(), kBytes, 0) == static_cast<ssize_t>(kBytes) &&
                ::fdatasync(log.get()) == 0,
            "write and sync");
  };
  write();
  std::vector<double> times;
  for (int i = 0; i < kSyncs; ++i) {
    times.push_back(millisOf(write));
  }
  return median(std::move(times));
}

int run(int jobs) {
  if (::geteuid() != 0) {
    std::puts("skipped: only root can make namespaces without a user namespace");
    return 77;
  }
  constexpr int kRounds = 5;
  ::setenv("TMPDIR", "/var/tmp", 0);  // a disk, as for the data of `tango bench`
  const test::TempFolder folder;
  static_cast<void>(folder.write("Makefile", std::string(kMakefile)));
  const base::Result<std::vector<sock_filter>> filter = sandbox::makeSeccompFilter();
  require(filter.ok(), "make the filter of system calls");
  const auto bare_make = [&folder] { runBare(folder.path()); };
  const auto our_make = [&filter] { runInNamespaces(*filter); };
  std::vector<Cost> bare;
  std::vector<Cost> ours;
  std::vector<double> bare_latency;
  std::vector<double> our_latency;
  for (int round = 0; round < kRounds; ++round) {
    bare.push_back(measure(jobs, [] {}, bare_make));
    ours.push_back(measure(jobs, prepareSlot, our_make));
    bare_latency.push_back(latency([] {}, bare_make));
    our_latency.push_back(latency(prepareSlot, our_make));
  }
  const auto cpu = [](const Cost& cost) { return cost.cpu_ms; };
  const auto rate = [](const Cost& cost) { return cost.rate; };
  const auto report = [](const char* what, double in_namespaces, double bare_makes,
                         const char* unit) {
    std::printf("%-8s  in namespaces %8.2f %s   bare make %8.2f %s   ratio %.2f, %+.2f\n", what,
                in_namespaces, unit, bare_makes, unit, in_namespaces / bare_makes,
                in_namespaces - bare_makes);
  };
  report("cpu", median(ours, cpu), median(bare, cpu), "ms");
  report("rate", median(ours, rate), median(bare, rate), "/s");
  report("latency", median(our_latency), median(bare_latency), "ms");
  std::printf("%-8s  %22.2f ms in %s\n", "sync", syncMillis(folder.path() / "log"),
              folder.path().c_str());
  return 0;
}

}  // namespace
}  // namespace tango

int main(int argc, char** argv) {
  constexpr int kJobsDefault = 1000;
  return tango::run(argc > 1 ? std::max(1, std::atoi(argv[1])) : kJobsDefault);
}
