// All that a service can be configured to. The file is documented in packaging/tango.toml, key by
// key; it is the table of this struct.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/docker_config.hpp"
#include "config/ec2_config.hpp"
#include "config/tashi_config.hpp"
#include "http/server.hpp"
#include "model/limit_caps.hpp"
#include "model/limits.hpp"
#include "model/machine_spec.hpp"
#include "notify/notifier.hpp"
#include "pool/pools.hpp"
#include "scheduler/scheduler.hpp"

namespace tango::config {

/// [history]
struct History {
  int days = 365;                     ///< ended jobs are kept so long; 0: no bound
  std::uint64_t jobs_max = 100'000;   ///< and at most so many
  std::size_t listed_jobs_max = 500;  ///< that `/jobs/KEY/1/` shows
  int unused_files_days = 180;        ///< uploads that no job used since; 0: no bound
  base::Millis look_every{600'000};   ///< between two looks for what is over a bound
};

/// [vmms.sandbox]
struct Sandbox {
  bool enabled = true;
  std::uint64_t cpu_millis = 0;    ///< of jobs at once; 0: all of the machine's cores
  std::uint64_t memory_bytes = 0;  ///< of jobs at once; 0: three quarters of the machine's memory
  std::uint64_t vms_max = 0;       ///< 0: bounded by cores and memory alone
  bool allow_unenforced = false;
};

/// [prealloc]: VMs that are kept from the start.
struct Prealloc {
  std::string image;
  std::string vmms;  ///< "": the image's, or the default
  std::uint64_t vms = 0;
  std::uint64_t cpu_millis = 0;
  std::uint64_t memory_bytes = 0;  ///< 0: the default
};

/// Where the Python Tango listens too, but for this machine's own clients alone.
inline http::ServerConfig defaultServer() {
  http::ServerConfig server;
  server.port = 3000;
  return server;
}

struct ServiceConfig {
  std::filesystem::path data_folder;  ///< "": images::defaultDataFolder
  http::ServerConfig server = defaultServer();
  /// Clients' keys; each opens the whole wire. Never printed. Empty: one is made. readConfig adds
  /// those in `key_file`.
  std::vector<std::string> keys;
  std::string key_file;  ///< one key a line; "": none
  base::Millis drain{10'000};
  std::string default_vmms = "sandbox";
  std::map<std::string, std::string> vmms_of_image;
  /// What a job gets that asks for nothing else.
  model::RunLimits limits;
  model::MachineSpec machine;
  model::LimitCaps caps;
  History history;
  base::Millis same_job_window{30'000};
  std::uint64_t queued_jobs_max = 1'000'000;
  pool::PoolsConfig pools;
  std::vector<Prealloc> prealloc;
  scheduler::SchedulerConfig scheduler;
  notify::NotifierConfig callbacks;
  Sandbox sandbox;
  LocalDocker local_docker;
  DistDocker dist_docker;
  Ec2Ssh ec2_ssh;
  TashiSsh tashi_ssh;
};

/// The file that is read if none is named; it need not be there.
inline constexpr const char* kSiteConfig = "/etc/tango/tango.toml";

/// Whether `key_file` is read: who only wants the limits need not be allowed to.
enum class KeyFile { kRead, kLeave };

/// Reads a TOML file over the defaults. kInvalid has a line for each problem, which names the file,
/// its line, the key that is wrong or unknown, and what it may be; never a value. kNotFound: there
/// is no such file.
base::Result<ServiceConfig> readConfig(const std::string& path, KeyFile keys = KeyFile::kRead);
/// The same of a text, without `key_file`; `name` stands for the file in errors.
base::Result<ServiceConfig> parseConfig(std::string_view text, const std::string& name);
/// readConfig, or the defaults where `path` is "" and there is no kSiteConfig.
base::Result<ServiceConfig> siteConfig(const std::string& path, KeyFile keys = KeyFile::kRead);
/// All of `config` as a TOML file, its keys masked.
std::string showConfig(const ServiceConfig& config);

}  // namespace tango::config
