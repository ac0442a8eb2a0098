#include "tango/client/submission.hpp"

#include <filesystem>

#include <CLI/CLI.hpp>
#include <boost/json/value.hpp>

#include "base/hex.hpp"
#include "base/utf8.hpp"
#include "tango/number_range.hpp"

namespace tango::client {
namespace {

using boost::json::object;

constexpr double kSecondsMax = 1e9;

void addSize(CLI::App& verb, const char* name, std::optional<std::uint64_t>& bytes,
             const char* what) {
  verb.add_option(name, bytes, what)->transform(CLI::AsSizeValue(false))->type_name("SIZE");
}

void addCount(CLI::App& verb, const char* name, std::optional<std::uint64_t>& count,
              const char* what) {
  verb.add_option(name, count, what)
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}))
      ->type_name("N");
}

void addLimits(CLI::App& verb, Submission& submission) {
  verb.add_option("--timeout", submission.timeout_seconds, "Seconds that the job may take")
      ->check(app::numberIn(0.001, kSecondsMax))
      ->type_name("SECONDS");
  verb.add_option("--cpu-time", submission.cpu_seconds,
                  "Seconds of processor time, all its processes together (0: no limit)")
      ->check(app::numberIn(0.0, kSecondsMax))
      ->type_name("SECONDS");
  verb.add_option("--cpus", submission.cpus, "Cores that it may use, such as 1.5 (0: all)")
      ->check(app::numberIn(0.0, 4096.0))
      ->type_name("CORES");
  addSize(verb, "--memory", submission.memory_bytes, "Memory; its files count too");
  addSize(verb, "--disk", submission.disk_bytes, "Files in its home and temporary folders");
  addCount(verb, "--inodes", submission.inodes, "Number of these files and folders");
  addSize(verb, "--file-size", submission.file_size_bytes, "The largest file that it may write");
  addSize(verb, "--output-size", submission.output_bytes,
          "Output that is kept: beyond it the first and the last half");
  addCount(verb, "--processes", submission.processes, "Processes and threads at once");
  addCount(verb, "--open-files", submission.open_files, "Open files of one process");
}

template <class T>
void put(object& into, const char* name, const std::optional<T>& value) {
  if (value) {
    into[name] = *value;
  }
}

void putText(object& into, const char* name, const std::string& text) {
  if (!text.empty()) {
    into[name] = text;
  }
}

void putObject(object& into, const char* name, object fields) {
  if (!fields.empty()) {
    into[name] = std::move(fields);
  }
}

std::string folderName(const std::string& path) {
  const auto folder = std::filesystem::absolute(path).lexically_normal();
  return folder.has_filename() ? folder.filename() : folder.parent_path().filename();
}

std::string newOutputName() {
  return base::randomHex(8).value() + ".out";
}

}  // namespace

void addSubmissionOptions(CLI::App& verb, Submission& submission) {
  verb.add_option("DIR", submission.folder,
                  "The job's folder: a Makefile (or autograde-Makefile), and the files beside it")
      ->required();
  verb.add_option(
      "FILE", submission.extra,
      "More files for the job, a student's handin say; NAME=FILE gives one another name");
  verb.add_flag("--wait", submission.wait,
                "Show its output as it grows, and end with its verdict and exit status");
  verb.add_option("--image", submission.image, "What it runs in")->capture_default_str();
  verb.add_option("--vmms", submission.vmms, "Where it runs (default: the server's choice)");
  verb.add_option("--name", submission.name, "What it is called (default: the folder's name)");
  verb.add_option("--courselab", submission.courselab, "The courselab that it is of");
  verb.add_option("--callback-url", submission.callback_url,
                  "Where the server POSTs the output once it has ended")
      ->type_name("URL");
  verb.add_flag("--network", submission.network, "Let it use the network");
  verb.add_flag("--json", submission.json, "Print the job as one JSON object");
  addLimits(verb, submission);
  addServerOptions(verb, submission.server);
}

object jobRequest(const Submission& submission) {
  object limits;
  put(limits, "timeout_seconds", submission.timeout_seconds);
  put(limits, "cpu_seconds", submission.cpu_seconds);
  put(limits, "processes", submission.processes);
  put(limits, "file_size_bytes", submission.file_size_bytes);
  put(limits, "output_bytes", submission.output_bytes);
  put(limits, "open_files", submission.open_files);
  object machine;
  put(machine, "cpus", submission.cpus);
  put(machine, "memory_bytes", submission.memory_bytes);
  put(machine, "disk_bytes", submission.disk_bytes);
  put(machine, "inodes", submission.inodes);
  if (submission.network) {
    machine["network"] = true;
  }
  object request = {
      {"name", base::replaceInvalidUtf8(submission.name.empty() ? folderName(submission.folder)
                                                                : submission.name)},
      {"image", submission.image},
      {"output_file", newOutputName()}};
  putText(request, "vmms", submission.vmms);
  putText(request, "courselab", submission.courselab);
  putText(request, "callback_url", submission.callback_url);
  putObject(request, "limits", std::move(limits));
  putObject(request, "machine", std::move(machine));
  return request;
}

}  // namespace tango::client
