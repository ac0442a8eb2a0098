// How much a job in the sandbox costs beyond its bare `make`: both are measured in this run, in
// turns, so that a noisy machine is noisy to both. Prints ratios; times are beside them.
//
//   latency: one job after another; from initializeVM on a warm slot until copyOut has returned,
//            against posix_spawn of make until its output has been read and it was waited for
//   rate:    as many at once as there are cores, destruction and renewal of the slots included
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "support/run_on.hpp"
#include "support/temp_folder.hpp"
#include "vmms/sandbox/root_plan.hpp"
#include "vmms/sandbox/sandbox_vmms.hpp"

namespace tango {
namespace {

using base::Result;
using vmms::awaitable;
using Micros = double;

// Renewing a slot waits for the kernel more than it works: with enough of them one is always ready.
constexpr int kSlotsPerCore = 8;

[[noreturn]] void die(const std::string& why) {
  std::fprintf(stderr, "run_overhead: %s\n", why.c_str());
  std::exit(1);
}

Micros since(base::SteadyClock::time_point begin) {
  return std::chrono::duration<double, std::micro>(base::SteadyClock::now() - begin).count();
}

Micros median(std::vector<Micros> times) {
  std::sort(times.begin(), times.end());
  return times.at(times.size() / 2);
}

// make in `folder`, its output into a pipe.
struct BareMake {
  pid_t pid = -1;
  base::UniqueFd output;
};

BareMake startBare(const std::string& folder) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    die("pipe2");
  }
  BareMake make;
  make.output.reset(ends[0]);
  const base::UniqueFd write_end(ends[1]);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, write_end.get(), 1);
  ::posix_spawn_file_actions_adddup2(&actions, write_end.get(), 2);
  ::posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  std::string name = "make";
  std::string path = "PATH=/usr/bin:/bin";
  const std::array<char*, 2> arguments = {name.data(), nullptr};
  const std::array<char*, 2> environment = {path.data(), nullptr};
  if (::posix_spawn(&make.pid, "/usr/bin/make", &actions, nullptr, arguments.data(),
                    environment.data()) != 0) {
    die("posix_spawn /usr/bin/make");
  }
  ::posix_spawn_file_actions_destroy(&actions);
  return make;
}

void finishBare(const BareMake& make) {
  std::array<char, 4096> piece{};
  while (::read(make.output.get(), piece.data(), piece.size()) > 0) {
  }
  int status = 0;
  ::waitpid(make.pid, &status, 0);
  if (status != 0) {
    die("a bare make failed");
  }
}

// `at_once` of them side by side until `count` are done.
void runBare(const std::string& folder, int count, int at_once) {
  std::vector<BareMake> running;
  for (int started = 0, done = 0; done < count;) {
    while (started < count && static_cast<int>(running.size()) < at_once) {
      running.push_back(startBare(folder));
      ++started;
    }
    std::vector<pollfd> outputs;
    for (const BareMake& make : running) {
      outputs.push_back({make.output.get(), POLLIN, 0});
    }
    ::poll(outputs.data(), outputs.size(), -1);
    for (std::size_t i = outputs.size(); i-- > 0;) {
      if (outputs[i].revents != 0) {
        finishBare(running[i]);
        running.erase(running.begin() + static_cast<std::ptrdiff_t>(i));
        ++done;
      }
    }
  }
}

struct Engine {
  boost::asio::io_context context;
  std::unique_ptr<vmms::SandboxVmms> vmms;
  model::InputFiles files;
  std::int64_t next_id = 1;
};

// One job; the time until its output is out, without its destruction.
awaitable<Micros> runJob(Engine& engine) {
  const auto begin = base::SteadyClock::now();
  model::MachineSpec spec;
  spec.image = vmms::kHostImage;
  const vmms::VmName name{"bench", engine.next_id++, spec.image};
  Result<model::Vm> vm = co_await engine.vmms->initializeVM(name, spec);
  if (!vm) {
    die(vm.error().message());
  }
  Result<void> ready = co_await engine.vmms->waitVM(*vm, base::after(base::Millis(10'000)));
  if (!ready) {
    die(ready.error().message());
  }
  Result<void> copied = co_await engine.vmms->copyIn(*vm, engine.files);
  Result<model::RunOutcome> outcome = co_await engine.vmms->runJob(*vm, {});
  if (!copied || !outcome || !outcome->succeeded()) {
    die("a job failed");
  }
  const base::UniqueFd output(::memfd_create("output", MFD_CLOEXEC));
  Result<void> fetched = co_await engine.vmms->copyOut(*vm, {output.get()});
  const Micros time = since(begin);
  Result<void> destroyed = co_await engine.vmms->destroyVM(*vm);
  if (!fetched || !destroyed) {
    die("copyOut or destroyVM failed");
  }
  co_return time;
}

awaitable<int> runSome(Engine& engine, int& left) {
  int done = 0;
  while (left-- > 0) {
    co_await runJob(engine);
    ++done;
  }
  co_return done;
}

void runEngine(Engine& engine, int count, int at_once) {
  int left = count;
  int done = 0;
  for (int i = 0; i < at_once; ++i) {
    boost::asio::co_spawn(engine.context, runSome(engine, left),
                          [&done](const std::exception_ptr& failure, int some) {
                            if (failure) {
                              die("a job threw");
                            }
                            done += some;
                          });
  }
  engine.context.restart();
  while (done < count) {
    engine.context.run_one();
  }
}

void report(const char* what, Micros ours, Micros bare, const char* unit, double ratio) {
  std::printf("%-8s  sandbox %9.2f %s   bare make %9.2f %s   ratio %.2f\n", what, ours, unit, bare,
              unit, ratio);
}

int run(int jobs) {
  const test::TempFolder folder;
  const auto makefile = folder.write("Makefile", "all:\n\t@echo hello\n");
  const int cores = static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN));
  Engine engine;
  engine.files = {{makefile, "Makefile"}};
  vmms::SandboxConfig config;
  config.launcher = TANGO_SANDBOX_PROGRAM;
  config.warm_slots_max = static_cast<std::size_t>(cores) * kSlotsPerCore;
  config.find_image = [](const std::string&) -> Result<vmms::SandboxImage> {
    return vmms::SandboxImage{vmms::hostRootPlan({}), {}, vmms::jobEnvironment({})};
  };
  auto started = vmms::SandboxVmms::start(engine.context.get_executor(), std::move(config));
  if (!started) {
    die(started.error().message());
  }
  engine.vmms = *std::move(started);
  runEngine(engine, kSlotsPerCore * cores, kSlotsPerCore * cores);  // make the slots

  std::vector<Micros> ours;
  std::vector<Micros> bare;
  for (int i = 0; i < jobs; ++i) {
    ours.push_back(test::runOn(engine.context, runJob(engine)));
    ::usleep(3'000);  // the slot's renewal belongs to the rate, not to the latency
    const auto begin = base::SteadyClock::now();
    runBare(folder.path(), 1, 1);
    bare.push_back(since(begin));
  }
  report("latency", median(ours) / 1e3, median(bare) / 1e3, "ms", median(ours) / median(bare));

  std::vector<double> our_rates;
  std::vector<double> bare_rates;
  for (int round = 0; round < 5; ++round) {
    auto begin = base::SteadyClock::now();
    runEngine(engine, jobs, 2 * cores);
    our_rates.push_back(jobs / since(begin) * 1e6);
    begin = base::SteadyClock::now();
    runBare(folder.path(), jobs, cores);
    bare_rates.push_back(jobs / since(begin) * 1e6);
  }
  report("rate", median(our_rates), median(bare_rates), "/s",
         median(our_rates) / median(bare_rates));
  return 0;
}

}  // namespace
}  // namespace tango

int main(int argc, char** argv) {
  constexpr int kJobsDefault = 400;
  return tango::run(argc > 1 ? std::max(1, std::atoi(argv[1])) : kJobsDefault);
}
