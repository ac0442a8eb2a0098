#include "config/python_rules.hpp"

#include <array>
#include <cctype>
#include <cstdio>

#include "config/amounts.hpp"
#include "config/field.hpp"

namespace tango::config {
namespace {

using python::Value;
using Toml = std::optional<std::string>;

bool isNone(const Value& value) {
  return value.as<python::None>() != nullptr;
}

std::optional<double> numberOf(const Value& value) {
  if (const auto* const whole = value.as<std::int64_t>()) {
    return static_cast<double>(*whole);
  }
  const auto* const real = value.as<double>();
  return real == nullptr ? std::nullopt : std::optional(*real);
}

Toml textToml(const Value& value) {
  const auto* const text = value.as<std::string>();
  return isNone(value) ? Toml("") : text == nullptr ? Toml() : Toml(tomlText(*text));
}

Toml wholeToml(const Value& value) {
  const auto* const whole = value.as<std::int64_t>();
  return isNone(value) ? Toml("") : whole == nullptr ? Toml() : Toml(std::to_string(*whole));
}

Toml secondsToml(const Value& value) {
  const std::optional<double> number = numberOf(value);
  const std::optional<base::Millis> duration = number ? durationOf(*number) : std::nullopt;
  return isNone(value) ? Toml("") : duration ? Toml(tomlText(durationText(*duration))) : Toml();
}

Toml bytesToml(const Value& value) {
  const auto* const whole = value.as<std::int64_t>();
  if (whole == nullptr || *whole < 0) {
    return isNone(value) ? Toml("") : Toml();
  }
  return tomlText(sizeText(static_cast<std::uint64_t>(*whole)));
}

Toml megabytesToml(const Value& value) {
  constexpr std::int64_t kMegabytesMax = std::int64_t{1} << 40;
  const auto* const whole = value.as<std::int64_t>();
  if (whole == nullptr || *whole < 0 || *whole > kMegabytesMax) {
    return isNone(value) ? Toml("") : Toml();
  }
  return tomlText(sizeText(static_cast<std::uint64_t>(*whole) << 20));
}

Toml coresToml(const Value& value) {
  const std::optional<double> number = numberOf(value);
  if (!number) {
    return isNone(value) ? Toml("") : Toml();
  }
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.15g", *number);
  return std::string(text.data());
}

// '1' is what Tango's documentation has for none.
Toml reservationToml(const Value& value) {
  const auto* const text = value.as<std::string>();
  return text != nullptr && *text == "1" ? Toml("\"\"") : textToml(value);
}

constexpr std::string_view kEc2 = "vmms.ec2SSH";

constexpr std::array kRules = {
    PythonRule{"PORT", "server", "port", wholeToml, ""},
    PythonRule{"MAX_INPUT_FILE_SIZE", "server", "body_size_max", bytesToml,
               "it bounds the images sent to /build too"},
    PythonRule{"RUNJOB_TIMEOUT", "limits", "timeout", secondsToml, ""},
    PythonRule{"DOCKER_CORES_LIMIT", "limits", "cpus", coresToml, ""},
    PythonRule{"DOCKER_MEMORY_LIMIT", "limits", "memory", megabytesToml, ""},
    PythonRule{"VM_ULIMIT_FILE_SIZE", "limits", "file_size", bytesToml, ""},
    PythonRule{"VM_ULIMIT_USER_PROC", "limits", "processes", wholeToml, ""},
    PythonRule{"MAX_OUTPUT_FILE_SIZE", "limits", "output_size", bytesToml, ""},
    PythonRule{"JOB_RETRIES", "jobs", "retries", wholeToml, ""},
    PythonRule{"WAITVM_TIMEOUT", "jobs", "wait_vm_timeout", secondsToml, ""},
    PythonRule{"POOL_SIZE", "pools", "vms_max", wholeToml,
               "so many jobs of one image run at once; 0 leaves it to the machine's cores and "
               "memory, which is most likely what you want"},
    PythonRule{"MAX_POOL_SIZE", "pools", "vms_max", wholeToml, "0 leaves it to the machine"},
    PythonRule{"DESTROY_SECS", "pools", "destroy_timeout", secondsToml, ""},
    PythonRule{"INITIALIZEVM_TIMEOUT", "pools", "wait_vm_timeout", secondsToml, ""},
    PythonRule{"PREFIX", "pools", "vm_prefix", textToml, ""},
    PythonRule{"MAX_CONCURRENT_JOBS", kOwnVmms, "vms_max", wholeToml, ""},
    PythonRule{"HOST_ALIAS", "vmms.distDocker", "dns_name", textToml, ""},
    PythonRule{"DOCKER_HOST_USER", "vmms.distDocker", "user", textToml, ""},
    PythonRule{"EC2_REGION", kEc2, "region", textToml, ""},
    PythonRule{"EC2_USER_NAME", kEc2, "user", textToml, ""},
    PythonRule{"DEFAULT_AMI", kEc2, "ami", textToml,
               "without it the newest Ubuntu is taken, and needs nothing prepared"},
    PythonRule{"DEFAULT_INST_TYPE", kEc2, "type", textToml,
               "without it the first of vmms.ec2SSH.types that is large enough for a job"},
    PythonRule{"DEFAULT_SECURITY_GROUP", kEc2, "security_group", textToml, ""},
    PythonRule{"SECURITY_KEY_NAME", kEc2, "key_name", textToml, ""},
    PythonRule{"SECURITY_KEY_PATH", kEc2, "key_file", textToml, ""},
    PythonRule{"DYNAMIC_SECURITY_KEY_PATH", kEc2, "key_folder", textToml, ""},
    PythonRule{"TANGO_RESERVATION_ID", kEc2, "reservation_id", reservationToml, ""},
    PythonRule{"MAX_EC2_VMS", kEc2, "instances_max", wholeToml, ""},
    PythonRule{"TASHI_IMAGE_PATH", "vmms.tashiSSH", "image_folder", textToml, ""},
};

struct Reason {
  std::string_view constant;  // with a '*' at its end: all that begin so
  std::string_view reason;
};

constexpr std::string_view kDataFolder =
    "files and outputs are kept in data_dir; clients upload them anew, nothing is to be moved";
constexpr std::string_view kEvents =
    "not needed: nothing is polled, what happens is acted on at once";
constexpr std::string_view kCounter = "not a setting: a counter of the running service";
constexpr std::string_view kDocker = "not needed: it is about how the Python Tango uses Docker";
constexpr std::string_view kVolume =
    "not needed: a job's files go into its container through the engine";
constexpr std::string_view kSsh =
    "not needed: ssh connects as your own ssh configuration says, and is kept connected";

constexpr std::array kReasons = {
    Reason{"COURSELABS", kDataFolder},
    Reason{"OUTPUT_FOLDER", kDataFolder},
    Reason{"VOLUMES", kDataFolder},
    Reason{"LOG_TIMING", "not needed: each job's trace has the times"},
    Reason{"LOGFILE", "the log goes to stderr: to journald under systemd, or redirect it"},
    Reason{"LOGLEVEL", "the log goes to stderr, at one level"},
    Reason{"DISPATCH_PERIOD", kEvents},
    Reason{"TIMER_POLL_INTERVAL", kEvents},
    Reason{"NUM_THREADS", "not needed: as many jobs run as the machine's cores and memory hold"},
    Reason{"REUSE_VMS", "a VM never serves two jobs, unless the VMMS proves that it is as new"},
    Reason{"KEEP_VM_AFTER_FAILURE", "a VM is always destroyed behind a failed job"},
    Reason{"COPYIN_TIMEOUT", "not needed: copying is bounded by the VMMS"},
    Reason{"COPYOUT_TIMEOUT", "not needed: copying is bounded by the VMMS"},
    Reason{"CREATEVM_SECS", "not needed: VMs are made when there is room for them"},
    Reason{"POOL_SIZE_LOW_WATER_MARK", "say with [[prealloc]] how many VMs of an image to keep"},
    Reason{"POOL_ALLOC_INCREMENT", "not needed: as many VMs are made as there are jobs"},
    Reason{"MAX_JOBID", "not needed: job ids grow for ever"},
    Reason{"USE_REDIS", "not needed: jobs are kept in the data folder"},
    Reason{"REDIS_*", "not needed: jobs are kept in the data folder"},
    Reason{"DEFAULT_REDIS_HOSTNAME", "not needed: jobs are kept in the data folder"},
    Reason{"AUTODRIVER_*", "not needed: the output is the job's own, without timestamps"},
    Reason{"DEFAULT_PREFIX", "stands in PREFIX"},
    Reason{"DEFAULT_KEY", "stands in KEYS"},
    Reason{"DEFAULT_DOCKER_VOLUME_PATH", kVolume},
    Reason{"DOCKER_VOLUME_PATH", kVolume},
    Reason{"USE_SSH_MASTER", kSsh},
    Reason{"BOOT2DOCKER_*", kDocker},
    Reason{"DOCKER_*", kDocker},
    Reason{"SSH_*", kSsh},
    Reason{"TASHI_*", "about Tashi, but nothing that is to be set here"},
    Reason{"VMMS", "made by a program; VMMS_NAME says which it is"},
    Reason{"INSTANCE_RUNNING", "not a setting: a constant of EC2"},
    Reason{"EC2_*", "about EC2, but nothing that is to be set here"},
    Reason{"start_time", kCounter},
    Reason{"job_*", kCounter},
    Reason{"waitvm_timeouts", kCounter},
    Reason{"copyin_errors", kCounter},
    Reason{"runjob_*", kCounter},
    Reason{"copyout_errors", kCounter},
};

}  // namespace

const PythonRule* pythonRule(std::string_view constant) {
  for (const PythonRule& rule : kRules) {
    if (rule.constant == constant) {
      return &rule;
    }
  }
  return nullptr;
}

std::string_view pythonReason(std::string_view constant) {
  for (const Reason& reason : kReasons) {
    const bool prefix = reason.constant.ends_with('*');
    const std::string_view name =
        reason.constant.substr(0, reason.constant.size() - (prefix ? 1 : 0));
    if (prefix ? constant.starts_with(name) : constant == name) {
      return reason.reason;
    }
  }
  return "not one of the Python Tango's constants that we know";
}

}  // namespace tango::config
