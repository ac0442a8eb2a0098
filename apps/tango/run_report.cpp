#include "tango/run_report.hpp"

#include <array>
#include <cstdio>
#include <cstring>

#include <boost/json.hpp>

#include "base/utf8.hpp"
#include "scheduler/job_text.hpp"

namespace tango::app {
namespace {

using model::Limit;
using model::RunOutcome;
using model::Usage;
using scheduler::JobRun;

constexpr int kMakeFailed = 1;
constexpr int kLimitEndedIt = 2;
constexpr int kOwnFailure = 3;
constexpr int kCancelled = 130;  // as a shell reports a program that Ctrl-C ended

template <class... Arguments>
std::string text(const char* format, Arguments... arguments) {
  std::array<char, 256> line{};
  std::snprintf(line.data(), line.size(), format, arguments...);
  return line.data();
}

double seconds(std::chrono::microseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

std::string bytesText(std::uint64_t bytes) {
  const auto number = static_cast<double>(bytes);
  if (bytes < model::kKiB) {
    return text("%.0f bytes", number);
  }
  if (bytes < model::kMiB) {
    return text("%.1f KiB", number / static_cast<double>(model::kKiB));
  }
  if (bytes < model::kGiB) {
    return text("%.1f MiB", number / static_cast<double>(model::kMiB));
  }
  return text("%.2f GiB", number / static_cast<double>(model::kGiB));
}

std::string limitText(Limit limit, const model::Job& job) {
  switch (limit) {
    case Limit::kWallTime:
      return text("%g s of time", seconds(job.limits.wall_time));
    case Limit::kCpuTime:
      return text("%g s of CPU time", seconds(job.limits.cpu_time));
    case Limit::kMemory:
      return bytesText(job.machine.memory_bytes) + " of memory";
    case Limit::kProcesses:
      return std::to_string(job.limits.processes) + " processes";
    case Limit::kDisk:
      return bytesText(job.machine.disk_bytes) + " of disk";
    case Limit::kOutput:
      return bytesText(job.limits.output_bytes) + " of output";
  }
  return "";
}

std::string endText(const RunOutcome& outcome) {
  if (outcome.signal) {
    return text("make was ended by signal %d (%s)", *outcome.signal, ::strsignal(*outcome.signal));
  }
  const int status = outcome.exit_status.value_or(-1);
  return status == 0 ? "make succeeded" : text("make failed with status %d", status);
}

boost::json::value orNull(const std::optional<std::uint64_t>& number) {
  return number ? boost::json::value(*number) : boost::json::value();
}

boost::json::value orNull(const std::optional<int>& number) {
  return number ? boost::json::value(*number) : boost::json::value();
}

boost::json::object usageJson(const Usage& usage) {
  const auto time = [](const std::optional<std::chrono::microseconds>& duration) {
    return duration ? boost::json::value(seconds(*duration)) : boost::json::value();
  };
  return {{"wall_seconds", seconds(usage.wall_time)},
          {"user_seconds", time(usage.user_time)},
          {"system_seconds", time(usage.system_time)},
          {"memory_peak_bytes", orNull(usage.memory_peak_bytes)},
          {"processes_peak", orNull(usage.processes_peak)},
          {"disk_bytes", orNull(usage.disk_bytes)},
          {"disk_inodes", orNull(usage.disk_inodes)},
          {"output_bytes", usage.output_bytes}};
}

const char* verdictWord(const JobRun& run) {
  switch (exitStatusOf(run)) {
    case 0:
      return "succeeded";
    case kMakeFailed:
      return "failed";
    case kLimitEndedIt:
      return "limit";
    case kCancelled:
      return "cancelled";
    default:
      return "error";
  }
}

}  // namespace

int exitStatusOf(const JobRun& run) {
  if (run.cancelled()) {
    return kCancelled;
  }
  if (!run.completed() || !run.outcome()) {
    return kOwnFailure;
  }
  if (run.outcome()->ended_by) {
    return kLimitEndedIt;
  }
  return run.outcome()->succeeded() ? 0 : kMakeFailed;
}

std::string verdictText(const model::Job& job, const JobRun& run) {
  if (run.cancelled()) {
    return "cancelled";
  }
  if (!run.completed() || !run.outcome()) {
    const bool unenforced = run.error()->kind() == base::ErrorKind::kUnsupported;
    return "could not run the job: " + run.error()->message() +
           (unenforced ? ". --allow-unenforced runs it all the same, without that limit" : "");
  }
  const RunOutcome& outcome = *run.outcome();
  if (outcome.timedOut()) {
    return "stopped at its limit of " + limitText(*outcome.ended_by, job);
  }
  if (outcome.ended_by) {
    return endText(outcome) + ", at its limit of " + limitText(*outcome.ended_by, job);
  }
  std::string verdict = endText(outcome);
  if (outcome.oom_kills > 0) {
    verdict += text("; %llu of its processes died at the limit of ",
                    static_cast<unsigned long long>(outcome.oom_kills)) +
               limitText(Limit::kMemory, job);
  }
  if (outcome.output_elided) {
    verdict += "; its output was cut to " + limitText(Limit::kOutput, job);
  }
  return verdict;
}

std::string usageText(const JobRun& run) {
  if (!run.outcome()) {
    return "";
  }
  const Usage& usage = run.outcome()->usage;
  std::string line = text("%.3f s", seconds(usage.wall_time));
  if (usage.user_time && usage.system_time) {
    line += text(" (%.3f s user, %.3f s system)", seconds(*usage.user_time),
                 seconds(*usage.system_time));
  }
  if (usage.memory_peak_bytes) {
    line += ", " + bytesText(*usage.memory_peak_bytes) + " of memory";
  }
  if (usage.processes_peak) {
    line += ", " + std::to_string(*usage.processes_peak) + " processes";
  }
  if (usage.disk_bytes) {
    line += ", " + bytesText(*usage.disk_bytes) + " of disk";
  }
  return line + ", " + bytesText(usage.output_bytes) + " of output";
}

std::string reportJson(const model::Job& job, const JobRun& run,
                       const std::vector<std::string>& trace, const std::string& output) {
  boost::json::object report = {{"job", job.label()},
                                {"verdict", verdictWord(run)},
                                {"message", base::replaceInvalidUtf8(verdictText(job, run))}};
  const std::optional<RunOutcome>& outcome = run.outcome();
  report["exit_status"] = outcome ? orNull(outcome->exit_status) : nullptr;
  report["signal"] = outcome ? orNull(outcome->signal) : nullptr;
  const bool limited = outcome && outcome->ended_by;
  report["limit"] = limited ? boost::json::value(model::nameOf(*outcome->ended_by)) : nullptr;
  report["oom_kills"] = outcome ? outcome->oom_kills : 0;
  report["output_elided"] = outcome && outcome->output_elided;
  report["tries"] = run.attempt() + 1;
  report["usage"] = outcome ? boost::json::value(usageJson(outcome->usage)) : nullptr;
  report["output"] = base::replaceInvalidUtf8(output);
  boost::json::array lines;
  for (const std::string& line : trace) {
    lines.emplace_back(base::replaceInvalidUtf8(line));
  }
  report["trace"] = std::move(lines);
  return boost::json::serialize(report);
}

}  // namespace tango::app
