// [limits], [limits.max], [jobs], [pools], [[prealloc]] and [images]: what jobs get, and where.
#include "config/sections/sections.hpp"

namespace tango::config {
namespace {

constexpr base::Millis kTimeMax = 1'000'000'000 * kSecond;
constexpr std::uint64_t kCountMax = 1'000'000'000;

template <class T>
Field durationCap(std::string key, std::optional<T>& into) {
  return cap<T>(into, [key](T& value) { return duration(key, value, base::Millis(0), kTimeMax); });
}

Field countCap(std::string key, std::optional<std::uint64_t>& into) {
  return cap<std::uint64_t>(
      into, [key](std::uint64_t& value) { return whole(key, value, 0, kCountMax); });
}

Field sizeCap(std::string key, std::optional<std::uint64_t>& into) {
  return cap<std::uint64_t>(into, [key](std::uint64_t& value) { return size(key, value, 0); });
}

}  // namespace

void addLimits(Schema& schema, ServiceConfig& config) {
  model::RunLimits& limits = config.limits;
  model::MachineSpec& machine = config.machine;
  schema.sections.push_back(
      {"limits",
       {duration("timeout", limits.wall_time, base::Millis(1), kTimeMax),
        duration("cpu_time", limits.cpu_time, base::Millis(0), kTimeMax),
        cores("cpus", machine.cpu_millis, ZeroCores::kAllowed),
        size("memory", machine.memory_bytes, model::kMiB), size("disk", machine.disk_bytes, 4096),
        whole("inodes", machine.disk_inodes, 16, kCountMax),
        size("io_rate", machine.io_bytes_per_second, 0),
        size("file_size", limits.file_size_bytes, 0), size("output_size", limits.output_bytes, 1),
        whole("processes", limits.processes, 1, 1'000'000),
        whole("open_files", limits.open_files, 8, 1'000'000), flag("network", machine.network)}});
}

void addLimitCaps(Schema& schema, ServiceConfig& config) {
  model::LimitCaps& caps = config.caps;
  schema.sections.push_back(
      {"limits.max",
       {durationCap("timeout", caps.wall_time), durationCap("cpu_time", caps.cpu_time),
        cap<std::uint64_t>(
            caps.cpu_millis,
            [](std::uint64_t& millis) { return cores("cpus", millis, ZeroCores::kRefused); }),
        sizeCap("memory", caps.memory_bytes), sizeCap("disk", caps.disk_bytes),
        countCap("inodes", caps.disk_inodes), sizeCap("file_size", caps.file_size_bytes),
        sizeCap("output_size", caps.output_bytes), countCap("processes", caps.processes),
        countCap("open_files", caps.open_files), flag("network", caps.network)}});
}

void addJobs(Schema& schema, ServiceConfig& config) {
  schema.sections.push_back(
      {"jobs",
       {whole("retries", config.scheduler.retries_max, 0, 100),
        duration("wait_vm_timeout", config.scheduler.wait_vm_timeout, kSecond, kDay),
        duration("same_job_window", config.same_job_window, base::Millis(0), kDay),
        whole("queued_max", config.queued_jobs_max, 1, kCountMax)}});
}

void addPools(Schema& schema, ServiceConfig& config) {
  pool::PoolsConfig& pools = config.pools;
  schema.sections.push_back({"pools",
                             {whole("vms_max", pools.pool_vms_max, 0, 1'000'000),
                              duration("idle_timeout", pools.idle_timeout, kSecond, 365 * kDay),
                              duration("wait_vm_timeout", pools.wait_vm_timeout, kSecond, kDay),
                              duration("destroy_timeout", pools.destroy_timeout, kSecond, kDay),
                              duration("backoff_min", pools.backoff_min, base::Millis(10), kDay),
                              duration("backoff_max", pools.backoff_max, base::Millis(10), kDay),
                              plainName("vm_prefix", pools.vm_prefix)}});
}

void addPrealloc(Schema& schema, ServiceConfig& config) {
  schema.lists.push_back(listOf<Prealloc>("prealloc", config.prealloc, [](Prealloc& wanted) {
    return std::vector<Field>{
        required(name("image", wanted.image)), required(whole("vms", wanted.vms, 1, 1'000'000)),
        text("vmms", wanted.vmms), cores("cpus", wanted.cpu_millis, ZeroCores::kAllowed),
        size("memory", wanted.memory_bytes, 0)};
  }));
}

void addImages(Schema& schema, ServiceConfig& config) {
  schema.maps.push_back({"images", &config.vmms_of_image});
}

}  // namespace tango::config
