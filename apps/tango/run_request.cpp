#include "tango/run_request.hpp"

#include <cmath>
#include <cstdio>
#include <filesystem>

#include <CLI/CLI.hpp>

#include "config/service_config.hpp"
#include "model/limit_caps.hpp"
#include "tango/job_folder.hpp"
#include "tango/number_range.hpp"

namespace tango::app {
namespace {

using base::Result;
using std::chrono::milliseconds;

constexpr double kSecondsMax = 1e9;

milliseconds millis(double seconds) {
  return milliseconds(static_cast<std::int64_t>(std::llround(seconds * 1000)));
}

void addSize(CLI::App& verb, const char* name, std::uint64_t& bytes, const char* what) {
  verb.add_option(name, bytes, what)
      ->transform(CLI::AsSizeValue(false))
      ->type_name("SIZE")
      ->capture_default_str();
}

void addLimits(CLI::App& verb, RunRequest& request) {
  model::RunLimits& limits = request.job.limits;
  model::MachineSpec& machine = request.job.machine;
  verb.add_option("--timeout", request.timeout_seconds, "Seconds that the job may take")
      ->check(numberIn(0.001, kSecondsMax))
      ->type_name("SECONDS")
      ->capture_default_str();
  verb.add_option("--cpu-time", request.cpu_seconds,
                  "Seconds of processor time, all its processes together (0: no limit)")
      ->check(numberIn(0.0, kSecondsMax))
      ->type_name("SECONDS");
  verb.add_option("--cpus", request.cpus, "Cores that it may use, such as 1.5 (0: all)")
      ->check(numberIn(0.0, 4096.0))
      ->type_name("CORES");
  addSize(verb, "--memory", machine.memory_bytes, "Memory; its files count too");
  addSize(verb, "--disk", machine.disk_bytes, "Files in its home, /tmp, /var/tmp and /dev/shm");
  verb.add_option("--inodes", machine.disk_inodes, "Number of these files and folders")
      ->check(CLI::Range(std::uint64_t{16}, std::uint64_t{1'000'000'000}))
      ->capture_default_str();
  addSize(verb, "--file-size", limits.file_size_bytes, "The largest file that it may write");
  addSize(verb, "--output-size", limits.output_bytes,
          "Output that is kept: beyond it the first and the last half");
  addSize(verb, "--io-rate", machine.io_bytes_per_second,
          "Disk reads and writes a second, each (0: no limit)");
  verb.add_option("--processes", limits.processes, "Processes and threads at once")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000}))
      ->capture_default_str();
  verb.add_option("--open-files", limits.open_files, "Open files of one process")
      ->check(CLI::Range(std::uint64_t{8}, std::uint64_t{1'000'000}))
      ->capture_default_str();
}

}  // namespace

void addRunOptions(CLI::App& verb, RunRequest& request) {
  verb.add_option("DIR", request.folder,
                  "The job's folder: a Makefile (or autograde-Makefile), and the files beside it")
      ->required();
  verb.add_option(
      "FILE", request.extra,
      "More files for the job, a student's handin say; NAME=FILE gives one another name");
  request.job.machine.image = "host";
  verb.add_option("--image", request.job.machine.image, "What it runs in; see `tango image list`")
      ->capture_default_str();
  verb.add_option("--vmms", request.vmms, "How its VM is made")
      ->check(CLI::IsMember({"sandbox"}))
      ->capture_default_str();
  verb.add_option("--output", request.output, "Write the output file, as a server would, to FILE")
      ->type_name("FILE");
  verb.add_flag("--json", request.json, "Print one JSON object instead of the job's output");
  verb.add_flag("--network", request.job.machine.network,
                "Let it use this machine's network, its loopback services included");
  verb.add_flag("--allow-unenforced", request.allow_unenforced,
                "Run even if this machine cannot enforce a limit (say, memory)");
  verb.add_option("--config", request.config, "The site's configuration, for its caps")
      ->type_name("FILE");
  addLimits(verb, request);
}

Result<void> completeJob(RunRequest& request) {
  model::Job& job = request.job;
  job.id = 1;
  const auto folder = std::filesystem::absolute(request.folder).lexically_normal();
  job.name = folder.has_filename() ? folder.filename() : folder.parent_path().filename();
  job.limits.wall_time = millis(request.timeout_seconds);
  job.limits.cpu_time = millis(request.cpu_seconds);
  job.machine.cpu_millis = static_cast<std::uint64_t>(std::llround(request.cpus * 1000));
  const Result<config::ServiceConfig> site =
      config::siteConfig(request.config, config::KeyFile::kLeave);
  if (!site) {
    return site.error();
  }
  if (Result<void> allowed = model::checkCaps(job, site->caps); !allowed) {
    return allowed;
  }
  Result<model::InputFiles> inputs =
      inputsOf(request.folder, request.extra, [](const std::string& path) {
        std::fprintf(stderr, "tango: leaving out %s: a job's inputs are files\n", path.c_str());
      });
  if (!inputs) {
    return inputs.error();
  }
  job.input = *std::move(inputs);
  return {};
}

}  // namespace tango::app
