#include "autodriver/group.hpp"

#include <array>
#include <ctime>
#include <span>
#include <string>
#include <utility>

#include <unistd.h>

#include "autodriver/keeper_group.hpp"

namespace tango::autodriver {
namespace {

using base::Error;
using base::ErrorKind;
using sandbox::CgroupTree;
using sandbox::Controller;

constexpr const char* kPrefix = "autodriver-";

struct Need {
  const char* name;
  std::uint64_t wanted;
  Controller controller;
};

Error cannotLimit(const char* name, const std::string& why) {
  return {ErrorKind::kUnsupported,
          std::string("cannot limit ") + name + ": " + why +
              "; or limit the container or VM as a whole, and leave the option away"};
}

Result<void> checkNeeds(const Result<CgroupTree>& tree, std::span<const Need> needs) {
  for (const Need& need : needs) {
    if (need.wanted != 0 && !(tree && tree->has(need.controller))) {
      return cannotLimit(need.name, tree ? tree->missing() : tree.error().message());
    }
  }
  return {};
}

Result<JobGroup> groupIn(const CgroupTree& tree, const Options& options) {
  tree.sweep(kPrefix);
  Result<sandbox::Cgroup> cgroup = tree.create(kPrefix + std::to_string(::getpid()));
  if (!cgroup) {
    return cgroup.error();
  }
  JobGroup group{*std::move(cgroup), options.processes != 0 && tree.has(Controller::kPids)};
  sandbox::CgroupLimits limits;
  limits.memory_bytes = options.memory_bytes;
  limits.io_bytes_per_second = options.io_bytes_per_second;
  limits.processes = group.limits_processes ? options.processes + 1 : 0;  // the warden is in it too
  if (const Result<void> set = group.cgroup.setLimits(limits); !set) {
    return set.error();
  }
  return group;
}

}  // namespace

Result<std::optional<JobGroup>> makeGroup(const Options& options) {
  const std::array needs = {
      Need{"memory", options.memory_bytes, Controller::kMemory},
      Need{"disk traffic", options.io_bytes_per_second, Controller::kIo},
      Need{"CPU time", options.cpu_time_ms, Controller::kCpuAccounting},
  };
  const char* needed = nullptr;
  for (const Need& need : needs) {
    needed = need.wanted != 0 ? need.name : needed;
  }
  if (needed == nullptr && options.processes == 0 && !options.report_fd) {
    return std::optional<JobGroup>();
  }
  const Result<CgroupTree> tree = CgroupTree::open({::getpid()});
  if (const Result<void> met = checkNeeds(tree, needs); !met) {
    return met.error();
  }
  Result<JobGroup> group = tree ? groupIn(*tree, options) : Result<JobGroup>(tree.error());
  if (needed == nullptr && !group) {
    return std::optional<JobGroup>();
  }
  if (!group) {
    return cannotLimit(needed, group.error().message());
  }
  if (options.cpu_time_ms != 0 && !group->cgroup.usage().user_us) {
    return cannotLimit("CPU time", "the kernel does not count it for a control group");
  }
  return std::optional<JobGroup>(*std::move(group));
}

Result<sandbox::Cgroup> makeContainerGroup(const Options& options) {
  const std::array needs = {
      Need{"the number of processes", 1, Controller::kPids},
      Need{"memory", options.memory_bytes, Controller::kMemory},
      Need{"processor cores", options.cpu_millis, Controller::kCpu},
      Need{"disk traffic", options.io_bytes_per_second, Controller::kIo},
  };
  const Result<CgroupTree> tree = CgroupTree::open({::getpid()});
  if (const Result<void> met = checkNeeds(tree, needs); !met) {
    return met.error();
  }
  const std::string prefix = containerGroupPrefix();
  tree->sweepDead(prefix);
  Result<sandbox::Cgroup> group = tree->create(prefix + std::to_string(::getpid()));
  if (!group) {
    return group;
  }
  sandbox::CgroupLimits limits;
  limits.memory_bytes = options.memory_bytes;
  limits.cpu_millis = options.cpu_millis;
  limits.io_bytes_per_second = options.io_bytes_per_second;
  const Result<void> set = group->setLimits(limits);
  return set ? std::move(group) : cannotLimit("the container", set.error().message());
}

void removeGroup(sandbox::Cgroup& group) {
  constexpr int kAttempts = 20;
  const timespec pause{0, 2'000'000};
  for (int attempt = 0; attempt < kAttempts && !group.remove(); ++attempt) {
    ::nanosleep(&pause, nullptr);
  }
}

}  // namespace tango::autodriver
