#include "vmms/sandbox/sandbox_vmms.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <set>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "async/within.hpp"
#include "base/head_tail.hpp"
#include "base/safe_path.hpp"
#include "vmms/sandbox/outcome_of_run.hpp"

namespace tango::vmms {
namespace {

using base::after;
using base::Error;
using base::ErrorKind;
using base::Millis;
using base::systemError;
using base::UniqueFd;
using model::InputFile;

// How long the sandbox may take for its own part of each step; far more than it needs.
constexpr Millis kAnswerTimeout{30'000};
constexpr Millis kCopyTimeout{600'000};
// Init ends a job when its time is over; this much later the service gives up on init.
constexpr Millis kInitGrace{15'000};
// CPU time is looked at no more often than this.
constexpr Millis kCpuCheckMin{20};

Result<UniqueFd> openInput(const InputFile& input) {
  UniqueFd file(::open(input.local_file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file) {
    return systemError(errno, "open " + input.local_file.string());
  }
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) {
    return systemError(errno, "stat " + input.local_file.string());
  }
  if (!S_ISREG(status.st_mode)) {
    return Error(ErrorKind::kInvalid, input.local_file.string() + " is not a regular file");
  }
  return file;
}

Result<void> checkNames(const InputFiles& files) {
  std::set<std::string_view> seen;
  for (const InputFile& input : files) {
    if (Result<void> named = base::checkComponent(input.dest_file, "input file"); !named) {
      return named;
    }
    if (!seen.insert(input.dest_file).second) {
      return Error(ErrorKind::kInvalid, "input file " + input.dest_file + " comes twice");
    }
  }
  return {};
}

bool executable(int file) {
  struct stat status{};
  return ::fstat(file, &status) == 0 && (status.st_mode & S_IXUSR) != 0;
}

Result<void> writeAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written < 0) {
      return systemError(errno, "write the output file");
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

// How far a VM has come; each method moves it one step on.
enum class SandboxVmms::Step : int { kMade, kReady, kCopied, kRunning, kRan, kFetched };

struct SandboxVmms::Machine {
  VmName name;
  MachineSpec spec;
  std::shared_ptr<Slot> slot;
  bool was_warm = false;
  Step step = Step::kMade;
  bool busy = false;  ///< a call is under way
  RunLimits limits;
  base::HeadTail output{0};
  RunOutcome outcome;
  std::function<void(std::string_view)> listener;
};

namespace {

// Marks a machine busy for the time of one call.
template <class Machine>
class Busy {
 public:
  explicit Busy(std::shared_ptr<Machine> machine) : machine_(std::move(machine)) {
    machine_->busy = true;
  }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;
  ~Busy() { machine_->busy = false; }

 private:
  std::shared_ptr<Machine> machine_;
};

}  // namespace

Result<std::unique_ptr<SandboxVmms>> SandboxVmms::start(boost::asio::any_io_executor executor,
                                                        SandboxConfig config) {
  Result<LauncherProcess> launcher = LauncherProcess::start(config.launcher);
  if (!launcher) {
    return launcher.error().during("start the sandbox");
  }
  return std::unique_ptr<SandboxVmms>(
      new SandboxVmms(std::move(executor), std::move(config), *std::move(launcher)));
}

SandboxVmms::SandboxVmms(boost::asio::any_io_executor executor, SandboxConfig config,
                         LauncherProcess launcher)
    : executor_(std::move(executor)), config_(std::move(config)), launcher_(std::move(launcher)) {}

// The slots end with their sockets, and the launcher, destroyed last, waits for them.
SandboxVmms::~SandboxVmms() {
  for (auto& [name, machine] : machines_) {
    machine->slot->close();
  }
  for (const WarmSlot& warm : warm_) {
    warm.slot->close();
  }
}

Result<std::shared_ptr<Slot>> SandboxVmms::makeSlot(const MachineSpec& spec) {
  Result<SandboxImage> image = config_.find_image(spec.image);
  if (!image) {
    return image.error();
  }
  sandbox::SlotSpec wanted;
  wanted.root = std::move(image->root);
  wanted.user = image->user;
  wanted.environment = std::move(image->environment);
  wanted.memory_bytes = spec.memory_bytes;
  wanted.cpu_millis = spec.cpu_millis;
  wanted.io_bytes_per_second = spec.io_bytes_per_second;
  wanted.disk_bytes = spec.disk_bytes;
  wanted.disk_inodes = spec.disk_inodes;
  wanted.processes = RunLimits{}.processes;
  wanted.network = spec.network;
  wanted.allow_unenforced = config_.allow_unenforced;
  Result<UniqueFd> control = launcher_.makeSlot(wanted);
  if (!control) {
    return control.error();
  }
  return std::make_shared<Slot>(executor_, *std::move(control), wanted.processes);
}

std::shared_ptr<Slot> SandboxVmms::takeWarmSlot(const MachineSpec& spec) {
  // One that could not be proven clean behind its last job has ended itself.
  std::erase_if(warm_, [](const WarmSlot& warm) { return !warm.slot->alive(); });
  const auto found = std::find_if(warm_.begin(), warm_.end(),
                                  [&spec](const WarmSlot& warm) { return warm.spec == spec; });
  if (found == warm_.end()) {
    return nullptr;
  }
  std::shared_ptr<Slot> slot = std::move(found->slot);
  warm_.erase(found);
  return slot;
}

void SandboxVmms::keepWarm(const MachineSpec& spec, std::shared_ptr<Slot> slot) {
  warm_.push_back({spec, std::move(slot)});
  if (warm_.size() > config_.warm_slots_max) {
    warm_.front().slot->close();
    warm_.pop_front();
  }
}

awaitable<Result<Vm>> SandboxVmms::initializeVM(VmName name, MachineSpec spec) {
  const std::string key = name.text();
  if (machines_.contains(key)) {
    co_return Error(ErrorKind::kExists, "there is a VM " + key + " already");
  }
  auto machine = std::make_shared<Machine>();
  machine->name = name;
  machine->spec = spec;
  machine->slot = takeWarmSlot(spec);
  machine->was_warm = machine->slot != nullptr;
  if (!machine->was_warm) {
    Result<std::shared_ptr<Slot>> slot = makeSlot(spec);
    if (!slot) {
      co_return slot.error().during("initializeVM " + key);
    }
    machine->slot = *std::move(slot);
  }
  machines_.emplace(key, std::move(machine));
  co_return Vm{std::move(name)};
}

// The machine of `vm`, if it is where `expected` says and no other call is under way.
Result<SandboxVmms::MachinePtr> SandboxVmms::take(const Vm& vm, Step expected) {
  const auto found = machines_.find(vm.name.text());
  if (found == machines_.end()) {
    return Error(ErrorKind::kNotFound, "there is no VM " + vm.name.text());
  }
  if (found->second->busy || found->second->step != expected) {
    return Error(ErrorKind::kInvalid, "VM " + vm.name.text() + ": called out of order");
  }
  return found->second;
}

awaitable<Result<void>> SandboxVmms::waitVM(Vm vm, Deadline deadline) {
  Result<MachinePtr> taken = take(vm, Step::kMade);
  if (!taken) {
    co_return taken.error();
  }
  const MachinePtr machine = *taken;
  const Busy<Machine> busy(machine);
  Result<void> prepared = co_await machine->slot->prepared(deadline);
  // A slot that could not be proven clean behind its last job says so now: take another.
  if (!prepared && machine->was_warm && prepared.error().kind() == ErrorKind::kSystem) {
    machine->was_warm = false;
    Result<std::shared_ptr<Slot>> fresh = makeSlot(machine->spec);
    if (!fresh) {
      co_return fresh.error().during("waitVM " + vm.name.text());
    }
    machine->slot = *std::move(fresh);
    prepared = co_await machine->slot->prepared(deadline);
  }
  if (!prepared) {
    co_return prepared.error().during("waitVM " + vm.name.text());
  }
  machine->step = Step::kReady;
  co_return Result<void>();
}

awaitable<Result<void>> SandboxVmms::copyIn(Vm vm, InputFiles files) {
  Result<MachinePtr> taken = take(vm, Step::kReady);
  if (!taken) {
    co_return taken.error();
  }
  const MachinePtr machine = *taken;
  const Busy<Machine> busy(machine);
  const std::string doing = "copyIn " + vm.name.text();
  Result<void> named = checkNames(files);
  if (!named) {
    co_return named.error().during(doing);
  }
  for (const InputFile& input : files) {
    Result<UniqueFd> file = openInput(input);
    if (!file) {
      co_return file.error().during(doing);
    }
    Result<void> sent =
        co_await machine->slot->copyFile(input.dest_file, executable(file->get()), file->get());
    if (!sent) {
      co_return sent.error().during(doing);
    }
  }
  Result<void> copied = co_await machine->slot->filesDone(after(kCopyTimeout));
  if (!copied) {
    // They lie in the job's memory: where that is too small, the kernel takes init.
    Result<sandbox::CgroupUsage> used = co_await machine->slot->usage(after(kAnswerTimeout));
    const bool no_memory = used && used->oom_kills > 0;
    co_return no_memory
        ? Error(ErrorKind::kTooLarge, doing + ": the input files do not fit in the job's memory")
        : copied.error().during(doing);
  }
  machine->step = Step::kCopied;
  co_return Result<void>();
}

// Waits for the job's end; in between it looks, where a limit asks for it, at the CPU time used.
awaitable<Result<sandbox::JobEnd>> SandboxVmms::awaitEnd(MachinePtr machine, Deadline deadline) {
  const Millis cpu_limit = machine->limits.cpu_time;
  const auto cores = static_cast<std::int64_t>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
  Millis check_in = cpu_limit / cores;
  for (;;) {
    const Deadline next = cpu_limit == Millis(0)
                              ? deadline
                              : std::min(deadline, after(std::max(check_in, kCpuCheckMin)));
    Result<sandbox::JobEnd> end = co_await machine->slot->jobEnd(next);
    if (end || end.error().kind() != ErrorKind::kTimeout || base::SteadyClock::now() >= deadline) {
      co_return end;
    }
    Result<sandbox::CgroupUsage> used = co_await machine->slot->usage(after(kAnswerTimeout));
    if (!used) {
      co_return used.error();
    }
    const auto micros =
        std::chrono::microseconds(used->user_us.value_or(0) + used->system_us.value_or(0));
    if (micros >= cpu_limit) {
      Result<void> stopped = co_await machine->slot->stop();
      if (!stopped) {
        co_return stopped.error();
      }
      Result<sandbox::JobEnd> ended = co_await machine->slot->jobEnd(deadline);
      co_return ended;
    }
    // All cores busy, it cannot reach its limit sooner than this.
    check_in = (cpu_limit - std::chrono::floor<Millis>(micros)) / cores;
  }
}

awaitable<Result<void>> SandboxVmms::readOutput(MachinePtr machine, Deadline deadline) {
  Result<void> read =
      co_await async::within(deadline, machine->slot->readOutput([machine](std::string_view bytes) {
        machine->output.append(bytes);
        if (machine->listener) {
          machine->listener(bytes);
        }
      }),
                             "the job's output did not end");
  co_return read;
}

awaitable<Result<RunOutcome>> SandboxVmms::judge(MachinePtr machine, Result<sandbox::JobEnd> end) {
  Result<sandbox::CgroupUsage> usage = co_await machine->slot->usage(after(kAnswerTimeout));
  if (!usage) {
    co_return end ? usage.error() : end.error();
  }
  if (!end && usage->oom_kills == 0) {
    co_return end.error();
  }
  // The kernel took the job's own init for want of memory: that is the job's doing.
  sandbox::JobEnd killed;
  killed.status = SIGKILL;
  co_return outcomeOfRun(end ? *end : killed, *usage, machine->output);
}

awaitable<Result<RunOutcome>> SandboxVmms::runJob(Vm vm, RunLimits limits) {
  using namespace boost::asio::experimental::awaitable_operators;
  Result<MachinePtr> taken = take(vm, Step::kCopied);
  if (!taken) {
    co_return taken.error();
  }
  const MachinePtr machine = *taken;
  const Busy<Machine> busy(machine);
  const std::string doing = "runJob " + vm.name.text();
  machine->step = Step::kRunning;
  machine->limits = limits;
  machine->output = base::HeadTail(limits.output_bytes);
  if (limits.cpu_time > Millis(0) && !config_.allow_unenforced) {
    Result<sandbox::CgroupUsage> counted = co_await machine->slot->usage(after(kAnswerTimeout));
    if (counted && !counted->user_us) {
      co_return Error(ErrorKind::kUnsupported,
                      "this host cannot limit a job's CPU time: no control group counts it")
          .during(doing);
    }
  }
  sandbox::JobLimits job_limits;
  job_limits.wall_ms = static_cast<std::uint64_t>(limits.wall_time.count());
  job_limits.processes = limits.processes;
  job_limits.file_size_bytes = limits.file_size_bytes;
  job_limits.open_files = limits.open_files;
  Result<void> started = co_await machine->slot->start(job_limits, after(kAnswerTimeout));
  if (!started) {
    co_return started.error().during(doing);
  }
  const Deadline deadline = after(limits.wall_time + kInitGrace);
  auto [end, read] = co_await (awaitEnd(machine, deadline) && readOutput(machine, deadline));
  if (!machines_.contains(vm.name.text())) {
    co_return Error(ErrorKind::kCancelled, "the VM was destroyed").during(doing);
  }
  Result<RunOutcome> outcome = co_await judge(machine, std::move(end));
  if (!outcome) {
    co_return outcome.error().during(doing);
  }
  machine->outcome = *outcome;
  machine->step = Step::kRan;
  co_return outcome;
}

awaitable<Result<void>> SandboxVmms::copyOut(Vm vm, OutputTarget target) {
  Result<MachinePtr> taken = take(vm, Step::kRan);
  if (!taken) {
    co_return taken.error();
  }
  Machine& machine = **taken;
  Result<void> written =
      writeAll(target.fd, model::autodriverLine(machine.outcome, machine.limits) + "\n");
  if (written) {
    written = writeAll(target.fd, machine.output.text());
  }
  if (!written) {
    co_return written.error().during("copyOut " + vm.name.text());
  }
  machine.step = Step::kFetched;
  co_return Result<void>();
}

awaitable<Result<void>> SandboxVmms::destroyVM(Vm vm) {
  const auto found = machines_.find(vm.name.text());
  if (found == machines_.end()) {
    co_return Result<void>();
  }
  const MachinePtr machine = found->second;
  machines_.erase(found);
  // Only a slot whose job ended in order is worth proving clean; any other is thrown away.
  const bool in_order = machine->step == Step::kRan || machine->step == Step::kFetched;
  if (machine->busy || !in_order || config_.warm_slots_max == 0) {
    machine->slot->close();
    co_return Result<void>();
  }
  Result<void> asked = co_await machine->slot->renew();
  if (asked) {
    keepWarm(machine->spec, machine->slot);
  } else {
    machine->slot->close();
  }
  co_return Result<void>();
}

awaitable<Result<void>> SandboxVmms::safeDestroyVM(Vm vm, Deadline deadline) {
  const auto found = machines_.find(vm.name.text());
  if (found == machines_.end()) {
    co_return Result<void>();
  }
  const MachinePtr machine = found->second;
  Result<void> ended = co_await machine->slot->end(deadline);
  if (!ended) {
    co_return ended.error().during("safeDestroyVM " + vm.name.text());
  }
  machines_.erase(vm.name.text());
  co_return Result<void>();
}

awaitable<Result<std::vector<Vm>>> SandboxVmms::getVMs() {
  std::vector<Vm> all;
  for (const auto& [key, machine] : machines_) {
    all.push_back(Vm{machine->name});
  }
  co_return all;
}

Result<std::string> SandboxVmms::getPartialOutput(const Vm& vm) {
  const auto found = machines_.find(vm.name.text());
  if (found == machines_.end() || found->second->step != Step::kRunning) {
    return Error(ErrorKind::kNotFound, "no job runs on VM " + vm.name.text());
  }
  return found->second->output.text();
}

Result<void> SandboxVmms::onOutput(const Vm& vm, std::function<void(std::string_view)> listener) {
  const auto found = machines_.find(vm.name.text());
  if (found == machines_.end()) {
    return Error(ErrorKind::kNotFound, "there is no VM " + vm.name.text());
  }
  found->second->listener = std::move(listener);
  return {};
}

}  // namespace tango::vmms
