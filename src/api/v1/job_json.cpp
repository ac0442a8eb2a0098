#include "api/v1/job_json.hpp"

#include <algorithm>

#include <boost/json/array.hpp>

#include "api/v1/limits_json.hpp"
#include "base/utf8.hpp"

namespace tango::api::v1 {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

value textJson(const std::string& text) {
  return text.empty() ? value(nullptr) : value(base::replaceInvalidUtf8(text));
}

template <class Number>
value orNull(const std::optional<Number>& number) {
  return number ? value(*number) : value(nullptr);
}

value secondsJson(const std::optional<std::chrono::microseconds>& time) {
  return time ? quotientJson(time->count(), 1'000'000) : value(nullptr);
}

const char* wordFor(model::Limit limit) {
  switch (limit) {
    case model::Limit::kWallTime:
      return "wall_time";
    case model::Limit::kCpuTime:
      return "cpu_time";
    case model::Limit::kMemory:
      return "memory";
    case model::Limit::kProcesses:
      return "processes";
    case model::Limit::kDisk:
      return "disk";
    case model::Limit::kOutput:
      return "output";
  }
  return "";
}

object outcomeJson(const model::RunOutcome& outcome) {
  return {{"exit_status", orNull(outcome.exit_status)},
          {"signal", orNull(outcome.signal)},
          {"ended_by", outcome.ended_by ? value(wordFor(*outcome.ended_by)) : value(nullptr)},
          {"output_elided", outcome.output_elided},
          {"oom_kills", outcome.oom_kills}};
}

object usageJson(const model::Usage& usage) {
  return {{"wall_seconds", secondsJson(usage.wall_time)},
          {"user_seconds", secondsJson(usage.user_time)},
          {"system_seconds", secondsJson(usage.system_time)},
          {"memory_peak_bytes", orNull(usage.memory_peak_bytes)},
          {"processes_peak", orNull(usage.processes_peak)},
          {"disk_bytes", orNull(usage.disk_bytes)},
          {"disk_inodes", orNull(usage.disk_inodes)},
          {"output_bytes", usage.output_bytes}};
}

object timesJson(const model::JobTimes& times) {
  return {{"added", timeJson(times.added)},       {"dispatched", timeJson(times.dispatched)},
          {"vm_ready", timeJson(times.vm_ready)}, {"started", timeJson(times.started)},
          {"finished", timeJson(times.finished)}, {"ended", timeJson(times.ended)}};
}

value phaseJson(const model::JobPhases::Time& time) {
  constexpr double kMicrosPerMilli = 1'000;
  return time ? value(static_cast<double>(time->count()) / kMicrosPerMilli) : value(nullptr);
}

object phasesJson(const model::JobPhases& phases) {
  return {{"queued_ms", phaseJson(phases.queued)},     {"vm_ms", phaseJson(phases.vm_wait)},
          {"copy_in_ms", phaseJson(phases.copy_in)},   {"run_ms", phaseJson(phases.run)},
          {"copy_out_ms", phaseJson(phases.copy_out)}, {"publish_ms", phaseJson(phases.publish)}};
}

array filesJson(const std::vector<model::SubmittedFile>& files) {
  array list;
  for (const model::SubmittedFile& file : files) {
    list.push_back(object{{"name", base::replaceInvalidUtf8(file.dest_file)},
                          {"sha256", textJson(file.sha256)},
                          {"local_file", textJson(file.local_file)}});
  }
  return list;
}

array traceJson(const std::vector<std::string>& trace) {
  array list;
  for (const std::string& line : trace) {
    list.emplace_back(base::replaceInvalidUtf8(line));
  }
  return list;
}

}  // namespace

value timeJson(base::UnixMillis when) {
  if (when <= 0) {
    return nullptr;
  }
  std::string text = base::isoUtc(base::secondsOf(when));
  std::string millis = std::to_string(when % 1000);
  millis.insert(0, 3 - millis.size(), '0');
  return value(text.substr(0, text.size() - 1) + "." + millis + "Z");
}

std::string shownUrl(const std::string& url) {
  return url.substr(0, url.find_first_of("?#"));
}

object jobJson(const model::JobRecord& job, std::optional<std::size_t> rank) {
  const model::Submission& asked = job.submission;
  const bool ended = job.state == model::JobState::kEnded;
  return {{"id", job.id},
          {"name", base::replaceInvalidUtf8(asked.name)},
          {"courselab", base::replaceInvalidUtf8(asked.courselab)},
          {"image", base::replaceInvalidUtf8(asked.machine.image)},
          {"vmms", base::replaceInvalidUtf8(asked.vmms)},
          {"state", model::nameOf(job.state)},
          {"verdict", job.verdict ? value(model::nameOf(*job.verdict)) : value(nullptr)},
          {"verdict_text", textJson(job.verdict_text)},
          {"rank", orNull(rank)},
          {"retries", job.retries},
          {"vm", textJson(job.vm_name)},
          {"outcome", job.outcome ? value(outcomeJson(*job.outcome)) : value(nullptr)},
          {"usage", job.outcome ? value(usageJson(job.outcome->usage)) : value(nullptr)},
          {"times", timesJson(job.times)},
          {"phases", phasesJson(job.phases)},
          {"limits", limitsJson(asked.limits)},
          {"machine", machineJson(asked.machine)},
          {"files", filesJson(asked.files)},
          {"output_file", base::replaceInvalidUtf8(asked.output_file)},
          {"output_bytes", ended ? value(job.output_bytes) : value(nullptr)},
          {"callback_url", textJson(shownUrl(asked.callback_url))},
          {"trace", traceJson(job.trace)}};
}

object callbackJson(const store::Callback& callback) {
  std::string error = callback.last_error;
  // A message may quote the URL.
  if (const std::size_t at = error.find(callback.url);
      at != std::string::npos && !callback.url.empty()) {
    error.replace(at, callback.url.size(), shownUrl(callback.url));
  }
  return {{"job_id", callback.job_id},
          {"url", base::replaceInvalidUtf8(shownUrl(callback.url))},
          {"output_file", base::replaceInvalidUtf8(callback.output_file)},
          {"attempts", callback.attempts},
          {"created", timeJson(callback.created)},
          {"due", callback.given_up ? value(nullptr) : timeJson(callback.due)},
          {"last_error", textJson(error)},
          {"given_up", callback.given_up}};
}

}  // namespace tango::api::v1
