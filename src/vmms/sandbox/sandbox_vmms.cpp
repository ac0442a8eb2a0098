#include "vmms/sandbox/sandbox_vmms.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

#include <unistd.h>

#include "base/head_tail.hpp"
#include "base/write_all.hpp"
#include "vmms/call.hpp"
#include "vmms/input_source.hpp"
#include "vmms/sandbox/outcome_of_run.hpp"
#include "vmms/sandbox/root_plan.hpp"

namespace tango::vmms {
namespace {

using base::after;
using base::Error;
using base::ErrorKind;
using base::Millis;
using base::UniqueFd;
using model::InputFile;

// How long the sandbox may take for its own part of each step; far more than it needs.
constexpr Millis kAnswerTimeout{30'000};
constexpr Millis kCopyTimeout{600'000};
// Init ends a job when its time is over; this much later the service gives up on init.
constexpr Millis kInitGrace{15'000};
// CPU time is looked at no more often than this.
constexpr Millis kCpuCheckMin{20};

// Copying them cannot fail for want of room, so that the run, which would wait for it, need not.
bool isLittle(const MachineSpec& spec, std::uint64_t bytes, std::uint64_t files) {
  constexpr std::uint64_t kShare = 4;
  constexpr std::uint64_t kBytesMax = 1024 * 1024;
  constexpr std::uint64_t kPageBytes = 4096;
  const std::uint64_t pages = bytes + files * kPageBytes;
  return pages <= kBytesMax && pages <= spec.disk_bytes / kShare &&
         files <= spec.disk_inodes / kShare &&
         (spec.memory_bytes == 0 || pages <= spec.memory_bytes / kShare);
}

}  // namespace

// How far a VM has come; each method moves it one step on.
enum class SandboxVmms::Step : int {
  kMade,
  kReady,
  kCopied,
  kRunning,
  kRan,
  kFetched,
  kBroken  // a call failed: only good for destruction
};

struct SandboxVmms::Machine {
  VmName name;
  MachineSpec spec;
  std::shared_ptr<Slot> slot;
  std::uint64_t image_change = 0;  ///< which of its image's changes the slot has
  bool was_warm = false;
  bool copying = false;  ///< what has come of its files is still to be heard
  Step step = Step::kMade;
  bool busy = false;       ///< a call is under way
  bool destroyed = false;  ///< that call ends with kCancelled
  [[nodiscard]] bool isDestroyed() const { return destroyed; }
  RunLimits limits;
  base::HeadTail output{0};
  RunOutcome outcome;
  std::function<void(std::string_view)> listener;
};

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
    : executor_(std::move(executor)),
      config_(std::move(config)),
      launcher_(std::move(launcher)),
      warm_(executor_, config_.warm_slots_max) {}

// The slots end with their sockets, and the launcher, destroyed last, waits for them.
SandboxVmms::~SandboxVmms() {
  for (auto& [name, machine] : machines_) {
    machine->slot->close();
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
  offerStudentProgram(wanted, config_.launcher.parent_path() / "tango-student");
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
  return std::make_shared<Slot>(executor_, *std::move(control), wanted.processes,
                                std::move(image->hold));
}

// The end of what a job left takes as much of the processor as its result's way to whoever waits
// for it, so where no other job runs it comes behind that.
void SandboxVmms::keepWarm(const Machine& machine) {
  if (machine.image_change != image_changes_[machine.spec.image]) {
    machine.slot->close();
    return;
  }
  const bool alone = std::none_of(machines_.begin(), machines_.end(), [](const auto& entry) {
    return entry.second->step == Step::kCopied || entry.second->step == Step::kRunning;
  });
  warm_.keep(machine.spec, machine.slot,
             alone ? WarmSlots::Renewal::kSoon : WarmSlots::Renewal::kNow);
}

void SandboxVmms::imageChanged(const std::string& image) {
  ++image_changes_[image];
  warm_.drop(image);
}

awaitable<Result<Vm>> SandboxVmms::initializeVM(VmName name, MachineSpec spec) {
  const std::string key = name.text();
  if (machines_.contains(key)) {
    co_return Error(ErrorKind::kExists, "there is a VM " + key + " already");
  }
  if (spec.disk_bytes == 0 || spec.disk_inodes == 0) {
    co_return Error(ErrorKind::kInvalid, "disk: a sandbox needs a limit of bytes and of inodes");
  }
  auto machine = std::make_shared<Machine>();
  machine->name = name;
  machine->spec = spec;
  machine->image_change = image_changes_[spec.image];
  machine->slot = warm_.take(spec, machines_.size());
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
  const MachinePtr& machine = *taken;
  Call<Machine> call(machine);
  Result<void> prepared = co_await machine->slot->prepared(deadline);
  // A slot that could not be proven clean behind its last job says so now: take another.
  if (!prepared && machine->was_warm && !machine->destroyed &&
      prepared.error().kind() == ErrorKind::kSystem) {
    machine->was_warm = false;
    Result<std::shared_ptr<Slot>> fresh = makeSlot(machine->spec);
    if (!fresh) {
      co_return call.failed(fresh, "waitVM");
    }
    machine->slot = *std::move(fresh);
    prepared = co_await machine->slot->prepared(deadline);
  }
  if (!prepared || machine->destroyed) {
    co_return call.failed(prepared, "waitVM");
  }
  call.succeed(Step::kReady);
  co_return Result<void>();
}

awaitable<Result<void>> SandboxVmms::copyIn(Vm vm, InputFiles files) {
  Result<MachinePtr> taken = take(vm, Step::kReady);
  if (!taken) {
    co_return taken.error();
  }
  const MachinePtr& machine = *taken;
  Call<Machine> call(machine);
  const Result<void> named = checkInputNames(files);
  if (!named) {
    co_return call.failed(named, "copyIn");
  }
  const Result<void> copied = co_await copyFiles(machine, std::move(files));
  if (!copied || machine->destroyed) {
    co_return call.failed(copied, "copyIn");
  }
  call.succeed(Step::kCopied);
  co_return Result<void>();
}

awaitable<Result<void>> SandboxVmms::copyFiles(MachinePtr machine, InputFiles files) {
  std::uint64_t bytes = 0;
  for (const InputFile& input : files) {
    Result<OpenInput> file = openInput(input);
    if (!file) {
      co_return file.error();
    }
    bytes += file->bytes;
    Result<void> sent =
        co_await machine->slot->copyFile(input.dest_file, file->executable, file->fd.get());
    if (!sent) {
      co_return sent;
    }
  }
  Result<void> asked = co_await machine->slot->askFilesDone();
  if (!asked) {
    co_return asked;
  }
  machine->copying = isLittle(machine->spec, bytes, files.size());
  if (machine->copying) {
    co_return Result<void>();
  }
  Result<void> copied = co_await awaitFiles(machine);
  co_return copied;
}

awaitable<Result<void>> SandboxVmms::awaitFiles(MachinePtr machine) {
  Result<void> copied = co_await machine->slot->filesDone(after(kCopyTimeout));
  if (copied || machine->destroyed) {
    co_return copied;
  }
  // They lie in the job's memory: where that is too small, the kernel takes init.
  Result<sandbox::CgroupUsage> used = co_await machine->slot->usage(after(kAnswerTimeout));
  if (used && used->oom_kills > 0) {
    co_return Error(ErrorKind::kTooLarge, "the input files do not fit in the job's memory");
  }
  co_return copied;
}

// Waits for the job's end; in between it looks, where a limit asks for it, at the CPU time used.
awaitable<Result<sandbox::JobEnd>> SandboxVmms::awaitEnd(MachinePtr machine, Deadline deadline) {
  const Millis cpu_limit = machine->limits.cpu_time;
  static const auto cores =
      static_cast<std::int64_t>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
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
      const Result<void> stopped = co_await machine->slot->stop();
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

void SandboxVmms::readOutput(const MachinePtr& machine) {
  // The machine has the slot that has this.
  machine->slot->readOutput([weak = std::weak_ptr(machine)](std::string_view bytes) {
    const MachinePtr reading = weak.lock();
    if (!reading) {
      return;
    }
    reading->output.append(bytes);
    if (reading->listener) {
      reading->listener(bytes);
    }
  });
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

// Fail closed: CPU time that nothing counts cannot be limited.
awaitable<Result<void>> SandboxVmms::checkCpuTime(MachinePtr machine) const {
  if (machine->limits.cpu_time == Millis(0) || config_.allow_unenforced) {
    co_return Result<void>();
  }
  Result<sandbox::CgroupUsage> counted = co_await machine->slot->usage(after(kAnswerTimeout));
  if (counted && !counted->user_us) {
    co_return Error(ErrorKind::kUnsupported,
                    "this host cannot limit a job's CPU time: no control group counts it");
  }
  co_return counted ? Result<void>() : Result<void>(counted.error());
}

awaitable<Result<RunOutcome>> SandboxVmms::runOnSlot(MachinePtr machine) {
  using namespace boost::asio::experimental::awaitable_operators;
  const Result<void> countable = co_await checkCpuTime(machine);
  if (!countable) {
    co_return countable.error();
  }
  const RunLimits& limits = machine->limits;
  if (limits.wall_time <= Millis(0) || limits.processes == 0 || limits.open_files == 0) {
    co_return Error(ErrorKind::kInvalid,
                    "time, processes and open files: a job needs more than none of each");
  }
  sandbox::JobLimits job_limits;
  job_limits.wall_ms = static_cast<std::uint64_t>(limits.wall_time.count());
  job_limits.processes = limits.processes;
  job_limits.file_size_bytes = limits.file_size_bytes;
  job_limits.open_files = limits.open_files;
  const Result<void> started = co_await machine->slot->start(job_limits, after(kAnswerTimeout));
  if (!started) {
    co_return started.error();
  }
  const Deadline deadline = after(limits.wall_time + kInitGrace);
  readOutput(machine);
  if (std::exchange(machine->copying, false)) {
    const Result<void> copied = co_await awaitFiles(machine);
    if (!copied) {
      co_return copied.error().during("copy its files");
    }
  }
  Result<sandbox::JobEnd> end = co_await awaitEnd(machine, deadline);
  // What did not end in time is judged by what has come of it.
  static_cast<void>(co_await machine->slot->outputEnded(deadline));
  if (machine->destroyed) {
    co_return destroyedError();
  }
  Result<RunOutcome> outcome = co_await judge(machine, std::move(end));
  co_return outcome;
}

awaitable<Result<RunOutcome>> SandboxVmms::runJob(Vm vm, RunLimits limits) {
  Result<MachinePtr> taken = take(vm, Step::kCopied);
  if (!taken) {
    co_return taken.error();
  }
  const MachinePtr& machine = *taken;
  Call<Machine> call(machine);
  machine->step = Step::kRunning;
  machine->limits = limits;
  machine->output = base::HeadTail(limits.output_bytes);
  Result<RunOutcome> outcome = co_await runOnSlot(machine);
  if (!outcome || machine->destroyed) {
    co_return call.failed(outcome, "runJob");
  }
  machine->outcome = *outcome;
  call.succeed(Step::kRan);
  co_return outcome;
}

awaitable<Result<void>> SandboxVmms::copyOut(Vm vm, OutputTarget target) {
  Result<MachinePtr> taken = take(vm, Step::kRan);
  if (!taken) {
    co_return taken.error();
  }
  const MachinePtr& machine = *taken;
  Call<Machine> call(machine);
  Result<void> written =
      base::writeAll(target.fd, model::autodriverLine(machine->outcome, machine->limits) + "\n");
  if (written) {
    written = base::writeAll(target.fd, machine->output.text());
  }
  if (!written) {
    co_return call.failed(written, "copyOut");
  }
  call.succeed(Step::kFetched);
  co_return Result<void>();
}

// The machine that is to be destroyed, if it is there; a call under way learns of it.
SandboxVmms::MachinePtr SandboxVmms::condemn(const Vm& vm) {
  const auto found = machines_.find(vm.name.text());
  if (found == machines_.end()) {
    return nullptr;
  }
  found->second->destroyed = true;
  return found->second;
}

// By identity: the name may have been given anew meanwhile.
void SandboxVmms::forget(const MachinePtr& machine) {
  std::erase_if(machines_, [&machine](const auto& entry) { return entry.second == machine; });
}

awaitable<Result<void>> SandboxVmms::destroyVM(Vm vm) {
  const MachinePtr machine = condemn(vm);
  if (!machine) {
    co_return Result<void>();
  }
  forget(machine);
  // Only a slot whose job ended in order is worth proving clean; any other is thrown away.
  const bool in_order = machine->step == Step::kRan || machine->step == Step::kFetched;
  if (machine->busy || !in_order || config_.warm_slots_max == 0) {
    machine->slot->close();
    co_return Result<void>();
  }
  keepWarm(*machine);
  co_return Result<void>();
}

awaitable<Result<void>> SandboxVmms::safeDestroyVM(Vm vm, Deadline deadline) {
  const MachinePtr machine = condemn(vm);
  if (!machine) {
    co_return Result<void>();
  }
  const Result<void> ended = co_await machine->slot->end(deadline);
  if (!ended) {
    co_return ended.error().during("safeDestroyVM " + vm.name.text());
  }
  forget(machine);
  co_return Result<void>();
}

awaitable<Result<std::vector<Vm>>> SandboxVmms::getVMs() {
  std::vector<Vm> all;
  all.reserve(machines_.size());
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
