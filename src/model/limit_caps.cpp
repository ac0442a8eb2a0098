#include "model/limit_caps.hpp"

#include <string>

namespace tango::model {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

enum class Zero { kIsNone, kIsUnlimited };

Result<void> check(const char* name, std::uint64_t asked, std::optional<std::uint64_t> cap,
                   const char* unit, Zero zero = Zero::kIsNone) {
  const bool unlimited = asked == 0 && zero == Zero::kIsUnlimited;
  if (!cap || (asked <= *cap && !unlimited)) {
    return {};
  }
  const std::string wanted = unlimited ? "no limit" : std::to_string(asked) + unit;
  return Error(ErrorKind::kInvalid, std::string(name) + ": " + wanted +
                                        " is asked for, and this site allows at most " +
                                        std::to_string(*cap) + unit);
}

std::optional<std::uint64_t> millis(std::optional<std::chrono::milliseconds> duration) {
  return duration ? std::optional(static_cast<std::uint64_t>(duration->count())) : std::nullopt;
}

}  // namespace

Result<void> checkCaps(const Job& job, const LimitCaps& caps) {
  const RunLimits& limits = job.limits;
  const MachineSpec& machine = job.machine;
  const auto ms = [](std::chrono::milliseconds duration) {
    return static_cast<std::uint64_t>(duration.count());
  };
  for (Result<void> checked :
       {check("timeout", ms(limits.wall_time), millis(caps.wall_time), " ms"),
        check("cpu-time", ms(limits.cpu_time), millis(caps.cpu_time), " ms", Zero::kIsUnlimited),
        check("processes", limits.processes, caps.processes, ""),
        check("file-size", limits.file_size_bytes, caps.file_size_bytes, " bytes"),
        check("output-size", limits.output_bytes, caps.output_bytes, " bytes", Zero::kIsUnlimited),
        check("open-files", limits.open_files, caps.open_files, ""),
        check("memory", machine.memory_bytes, caps.memory_bytes, " bytes", Zero::kIsUnlimited),
        check("cpus", machine.cpu_millis, caps.cpu_millis, " thousandths", Zero::kIsUnlimited),
        check("disk", machine.disk_bytes, caps.disk_bytes, " bytes", Zero::kIsUnlimited),
        check("inodes", machine.disk_inodes, caps.disk_inodes, "", Zero::kIsUnlimited)}) {
    if (!checked) {
      return checked;
    }
  }
  if (machine.network && !caps.network) {
    return Error(ErrorKind::kInvalid, "network: this site does not allow it");
  }
  return {};
}

}  // namespace tango::model
