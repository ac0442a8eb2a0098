#include "sandbox/parts/cgroup.hpp"

#include <cerrno>
#include <csignal>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sandbox/parts/cgroup_files.hpp"

namespace tango::sandbox {
namespace {

using base::Error;
using base::ErrorKind;
using base::systemError;

constexpr std::uint64_t kCpuPeriodUs = 100'000;

std::string numberOrMax(std::uint64_t number) {
  return number == 0 ? "max" : std::to_string(number);
}

const char* limitNameOf(Controller controller) {
  switch (controller) {
    case Controller::kMemory:
      return "memory";
    case Controller::kPids:
      return "the number of processes";
    case Controller::kCpu:
      return "processor time";
    case Controller::kCpuAccounting:
      return "CPU time";
    case Controller::kIo:
      return "disk traffic";
  }
  return "";
}

bool hostHasSwap() {
  // The first line of /proc/swaps is its heading.
  return split(readFileAt(AT_FDCWD, "/proc/swaps"), '\n').size() > 2;
}

// "major:minor" of every whole disk: throttling is per disk, and a job's files may be on any.
std::vector<std::string> disks() {
  std::vector<std::string> found;
  DIR* const block = ::opendir("/sys/block");
  if (block == nullptr) {
    return found;
  }
  while (const dirent* entry = ::readdir(block)) {
    const std::string name = entry->d_name;
    if (name.starts_with(".") || name.starts_with("loop") || name.starts_with("ram") ||
        name.starts_with("zram")) {
      continue;
    }
    const std::string number = readFileAt(AT_FDCWD, ("/sys/block/" + name + "/dev").c_str());
    if (!number.empty()) {
      found.push_back(number.substr(0, number.find('\n')));
    }
  }
  ::closedir(block);
  return found;
}

template <class Number>
std::optional<Number> less(std::optional<Number> now, std::optional<Number> before) {
  if (!now) {
    return std::nullopt;
  }
  return *now - std::min(*now, before.value_or(0));
}

}  // namespace

Cgroup& Cgroup::operator=(Cgroup&& other) noexcept {
  if (this != &other) {
    static_cast<void>(remove());
    v2_ = other.v2_;
    borrowed_ = other.borrowed_;
    places_ = std::exchange(other.places_, {});
    place_of_ = other.place_of_;
    limits_ = other.limits_;
    base_ = other.base_;
    renewals_ = other.renewals_;
  }
  return *this;
}

Cgroup::~Cgroup() {
  static_cast<void>(remove());
}

Result<Cgroup::Place> Cgroup::makePlace(const std::string& parent, const std::string& name) {
  const std::string path = parent + "/" + name;
  if (::mkdir(path.c_str(), 0755) != 0) {
    return systemError(errno, "make control group " + path);
  }
  UniqueFd dir(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!dir) {
    return systemError(errno, "open control group " + path);
  }
  return Place{parent, name, std::move(dir), {}};
}

const Cgroup::Place* Cgroup::place(Controller controller) const {
  const int index = place_of_.at(static_cast<std::size_t>(controller));
  return index < 0 ? nullptr : &places_.at(static_cast<std::size_t>(index));
}

Result<void> Cgroup::write(Controller controller, const char* file,
                           const std::string& value) const {
  const Place* const at = place(controller);
  if (at == nullptr) {
    return Error(ErrorKind::kUnsupported, std::string("cannot limit ") + limitNameOf(controller) +
                                              ": there is no control group controller for it");
  }
  const Result<void> written = writeFileAt(at->dir.get(), file, value);
  if (!written) {
    return written.error().during("control group " + at->parent + "/" + at->name);
  }
  return {};
}

std::string Cgroup::read(Controller controller, const char* file) const {
  const Place* const at = place(controller);
  if (at == nullptr) {
    return "";
  }
  auto found = at->counters.find(file);
  if (found == at->counters.end()) {
    UniqueFd opened(::openat(at->dir.get(), file, O_RDONLY | O_CLOEXEC));
    found = at->counters.emplace(file, std::move(opened)).first;
  }
  return found->second ? readFromStart(found->second.get()) : "";
}

Result<void> Cgroup::limitMemory(std::uint64_t bytes) const {
  constexpr auto kMemory = Controller::kMemory;
  if (v2_) {
    if (Result<void> set = write(kMemory, "memory.max", numberOrMax(bytes)); !set) {
      return set;
    }
    const Result<void> no_swap = write(kMemory, "memory.swap.max", bytes == 0 ? "max" : "0");
    const bool swap_unknown = !no_swap && no_swap.error().kind() == ErrorKind::kNotFound;
    return swap_unknown && !hostHasSwap() ? Result<void>() : no_swap;
  }
  // memory.memsw (memory and swap together) must never be below memory: lift it first.
  const std::string value = bytes == 0 ? "-1" : std::to_string(bytes);
  Result<void> lifted = write(kMemory, "memory.memsw.limit_in_bytes", "-1");
  const bool no_swap_accounting = !lifted && lifted.error().kind() == ErrorKind::kNotFound;
  if (no_swap_accounting && hostHasSwap()) {
    return Error(ErrorKind::kUnsupported,
                 "cannot limit memory: this host has swap but does not account for it; boot it "
                 "with swapaccount=1, or turn swap off");
  }
  if (!lifted && !no_swap_accounting) {
    return lifted;
  }
  Result<void> set = write(kMemory, "memory.limit_in_bytes", value);
  if (!set || no_swap_accounting) {
    return set;
  }
  return write(kMemory, "memory.memsw.limit_in_bytes", value);
}

Result<void> Cgroup::limitCpu(std::uint64_t cpu_millis) const {
  const std::uint64_t quota_us = kCpuPeriodUs * cpu_millis / 1000;
  if (v2_) {
    return write(Controller::kCpu, "cpu.max",
                 numberOrMax(quota_us) + " " + std::to_string(kCpuPeriodUs));
  }
  return write(Controller::kCpu, "cpu.cfs_quota_us",
               cpu_millis == 0 ? "-1" : std::to_string(quota_us));
}

Result<void> Cgroup::limitIo(std::uint64_t bytes_per_second) const {
  for (const std::string& disk : disks()) {
    const std::string rate = std::to_string(bytes_per_second);
    if (v2_) {
      const std::string max = numberOrMax(bytes_per_second);
      Result<void> set = write(Controller::kIo, "io.max", disk + " rbps=" + max + " wbps=" + max);
      if (!set) {
        return set;
      }
      continue;
    }
    for (const char* file : {"blkio.throttle.read_bps_device", "blkio.throttle.write_bps_device"}) {
      if (Result<void> set = write(Controller::kIo, file, disk + " " + rate); !set) {
        return set;
      }
    }
  }
  return {};
}

Result<void> Cgroup::setLimits(const CgroupLimits& limits) {
  if (limits.memory_bytes != limits_.memory_bytes) {
    if (Result<void> set = limitMemory(limits.memory_bytes); !set) {
      return set;
    }
    limits_.memory_bytes = limits.memory_bytes;
  }
  if (limits.processes != limits_.processes) {
    if (Result<void> set = write(Controller::kPids, "pids.max", numberOrMax(limits.processes));
        !set) {
      return set;
    }
    limits_.processes = limits.processes;
  }
  if (limits.cpu_millis != limits_.cpu_millis) {
    if (Result<void> set = limitCpu(limits.cpu_millis); !set) {
      return set;
    }
    limits_.cpu_millis = limits.cpu_millis;
  }
  if (limits.io_bytes_per_second != limits_.io_bytes_per_second) {
    if (Result<void> set = limitIo(limits.io_bytes_per_second); !set) {
      return set;
    }
    limits_.io_bytes_per_second = limits.io_bytes_per_second;
  }
  return {};
}

Result<void> Cgroup::setProcesses(std::uint64_t processes) {
  if (place(Controller::kPids) == nullptr) {
    return {};
  }
  CgroupLimits changed = limits_;
  changed.processes = processes;
  return setLimits(changed);
}

Result<void> Cgroup::attach(pid_t pid) const {
  for (const Place& at : places_) {
    const Result<void> moved = writeFileAt(at.dir.get(), "cgroup.procs", std::to_string(pid));
    if (!moved) {
      return moved.error().during("control group " + at.parent + "/" + at.name);
    }
  }
  return {};
}

CgroupUsage Cgroup::counters() const {
  CgroupUsage now = growingCounters();
  const char* const peak = v2_ ? "memory.peak" : "memory.max_usage_in_bytes";
  now.memory_peak_bytes = leadingNumber(read(Controller::kMemory, peak));
  now.forks_refused = numberOf(read(Controller::kPids, "pids.events"), "max").value_or(0);
  now.processes_peak = leadingNumber(read(Controller::kPids, "pids.peak"));
  return now;
}

CgroupUsage Cgroup::growingCounters() const {
  CgroupUsage now;
  if (v2_) {
    const std::string cpu = read(Controller::kCpuAccounting, "cpu.stat");
    now.user_us = numberOf(cpu, "user_usec");
    now.system_us = numberOf(cpu, "system_usec");
    now.oom_kills = numberOf(read(Controller::kMemory, "memory.events"), "oom_kill").value_or(0);
    return now;
  }
  const auto micros = [](std::optional<std::uint64_t> nanos) -> std::optional<std::uint64_t> {
    return nanos ? std::optional(*nanos / 1000) : std::nullopt;
  };
  now.user_us = micros(leadingNumber(read(Controller::kCpuAccounting, "cpuacct.usage_user")));
  now.system_us = micros(leadingNumber(read(Controller::kCpuAccounting, "cpuacct.usage_sys")));
  now.oom_kills = numberOf(read(Controller::kMemory, "memory.oom_control"), "oom_kill").value_or(0);
  return now;
}

CgroupUsage Cgroup::usage() const {
  CgroupUsage used = counters();
  used.user_us = less(used.user_us, base_.user_us);
  used.system_us = less(used.system_us, base_.system_us);
  used.oom_kills -= std::min(used.oom_kills, base_.oom_kills);
  used.forks_refused -= std::min(used.forks_refused, base_.forks_refused);
  if (borrowed_ && used.processes_peak == base_.processes_peak) {
    used.processes_peak.reset();
  }
  return used;
}

Result<void> Cgroup::renewPlace(Controller controller, pid_t keeper) {
  const int index = place_of_.at(static_cast<std::size_t>(controller));
  if (index < 0) {
    return {};
  }
  Place& old = places_.at(static_cast<std::size_t>(index));
  const std::string stem = old.name.substr(0, old.name.find('+'));
  Result<Place> fresh = makePlace(old.parent, stem + "+" + std::to_string(renewals_));
  if (!fresh) {
    return fresh.error();
  }
  Place emptied = std::exchange(old, *std::move(fresh));
  const CgroupLimits wanted = std::exchange(
      limits_, v2_ ? CgroupLimits{} : [this] {
        CgroupLimits kept = limits_;
        kept.processes = 0;
        return kept;
      }());
  Result<void> limited = setLimits(wanted);
  if (limited) {
    limited = writeFileAt(old.dir.get(), "cgroup.procs", std::to_string(keeper));
  }
  // Removed either way, so that a failed renewal leaves nothing: only the keeper can be inside.
  const std::string path = emptied.parent + "/" + emptied.name;
  if (limited && ::rmdir(path.c_str()) != 0) {
    return systemError(errno, "remove control group " + path);
  }
  if (!limited) {
    places_.push_back(std::move(emptied));
  }
  return limited;
}

Result<void> Cgroup::renew(pid_t keeper) {
  ++renewals_;
  if (v2_) {
    base_ = {};
    return places_.empty() ? Result<void>() : renewPlace(Controller::kCpuAccounting, keeper);
  }
  if (Result<void> renewed = renewPlace(Controller::kPids, keeper); !renewed) {
    return renewed;
  }
  if (place(Controller::kMemory) != nullptr) {
    Result<void> reset = write(Controller::kMemory, "memory.max_usage_in_bytes", "0");
    if (!reset) {
      return reset;
    }
  }
  base_ = growingCounters();  // the others begin at zero
  return {};
}

void Cgroup::killAll() const {
  if (places_.empty()) {
    return;
  }
  for (const std::string& line :
       split(readFileAt(places_.front().dir.get(), "cgroup.procs"), '\n')) {
    const auto pid = leadingNumber(line);
    if (pid && *pid > 0) {
      ::kill(static_cast<pid_t>(*pid), SIGKILL);
    }
  }
}

Result<void> Cgroup::remove() {
  if (borrowed_) {
    places_.clear();
  }
  while (!places_.empty()) {
    const Place& at = places_.back();
    const std::string path = at.parent + "/" + at.name;
    if (::rmdir(path.c_str()) != 0 && errno != ENOENT) {
      return systemError(errno, "remove control group " + path);
    }
    places_.pop_back();
  }
  return {};
}

}  // namespace tango::sandbox
