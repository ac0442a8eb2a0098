#include "support/mem_jobs.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <tuple>

namespace tango::test {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::UnixMillis;
using model::JobRecord;
using model::JobState;
using model::Submission;
using namespace store;

Error missing(const std::string& what) {
  return {ErrorKind::kNotFound, "there is no " + what};
}

Error noJob(std::int64_t id) {
  return missing("job " + std::to_string(id));
}

std::string filledIn(std::string_view line, const JobRecord& job, bool with_name) {
  const std::map<std::string_view, std::string> values = {
      {"%ID%", std::to_string(job.id)}, {with_name ? "%NAME%" : "%ID%", job.submission.name}};
  std::string text;
  while (!line.empty()) {
    const auto value = std::find_if(values.begin(), values.end(), [line](const auto& each) {
      return line.starts_with(each.first);
    });
    text += value == values.end() ? std::string(1, line.front()) : value->second;
    line.remove_prefix(value == values.end() ? 1 : value->first.size());
  }
  return text;
}

void forgetSecrets(JobRecord& job) {
  job.submission.access_key_id.clear();
  job.submission.access_key.clear();
  job.submission.machine.account = {};
}

namespace {

bool isSame(const Submission& one, const Submission& other) {
  const auto limits = [](const model::RunLimits& all) {
    return std::tie(all.wall_time, all.cpu_time, all.processes, all.file_size_bytes,
                    all.output_bytes, all.open_files);
  };
  const auto rest = [](const Submission& all) {
    return std::tie(all.courselab, all.name, all.vmms, all.machine, all.files, all.output_file,
                    all.callback_url, all.access_key_id, all.access_key);
  };
  return rest(one) == rest(other) && limits(one.limits) == limits(other.limits);
}

bool hasContent(const MemJobs& data, const std::string& sha256) {
  const auto uses = [&sha256](const auto& files) {
    return std::any_of(files.begin(), files.end(),
                       [&sha256](const auto& file) { return file.second.blob.sha256 == sha256; });
  };
  const auto pins = [&sha256](const auto& job) {
    const auto& files = job.second.submission.files;
    return job.second.state != JobState::kEnded &&
           std::any_of(files.begin(), files.end(),
                       [&sha256](const auto& file) { return file.sha256 == sha256; });
  };
  return std::any_of(data.courselabs.begin(), data.courselabs.end(),
                     [&uses](const auto& lab) { return uses(lab.second); }) ||
         std::any_of(data.jobs.begin(), data.jobs.end(), pins);
}

/// Gives each file its content; the first that has none is an error.
Result<void> pin(MemJobs& data, Submission& submission, UnixMillis now) {
  const auto lab = data.courselabs.find(submission.courselab);
  if (lab == data.courselabs.end()) {
    return missing("courselab " + submission.courselab);
  }
  for (model::SubmittedFile& file : submission.files) {
    const auto named = lab->second.find(file.local_file);
    if (!file.sha256.empty() ? !data.blobs.contains(file.sha256) : named == lab->second.end()) {
      return missing("file " + file.local_file);
    }
    if (file.sha256.empty()) {
      file.sha256 = named->second.blob.sha256;
      named->second.used = std::max(named->second.used, now);
    }
  }
  return {};
}

std::size_t unended(const MemJobs& data) {
  return static_cast<std::size_t>(
      std::count_if(data.jobs.begin(), data.jobs.end(),
                    [](const auto& job) { return job.second.state != JobState::kEnded; }));
}

void mergeTimes(model::JobTimes& into, const model::JobTimes& from) {
  const auto merge = [](UnixMillis& old, UnixMillis time) { old = time != 0 ? time : old; };
  merge(into.dispatched, from.dispatched);
  merge(into.vm_ready, from.vm_ready);
  merge(into.started, from.started);
  merge(into.finished, from.finished);
  merge(into.ended, from.ended);
}

std::vector<std::int64_t> jobsBeyond(const MemJobs& data, const HistoryBounds& bounds) {
  std::vector<std::pair<UnixMillis, std::int64_t>> ended;
  for (const auto& [id, job] : data.jobs) {
    if (job.state == JobState::kEnded) {
      ended.emplace_back(job.times.ended, id);
    }
  }
  std::sort(ended.begin(), ended.end());
  const std::size_t excess =
      ended.size() - std::min<std::size_t>(ended.size(), bounds.ended_jobs_max);
  const std::int64_t old_id_max =
      data.next_job - 1 - static_cast<std::int64_t>(ended.size() - excess);
  std::vector<std::int64_t> beyond;
  std::size_t place = 0;
  for (std::size_t i = 0; i < ended.size() && beyond.size() < bounds.step_max; ++i) {
    const auto [when, id] = ended[i];
    const bool over = when < bounds.ended_before || (place < excess && id <= old_id_max);
    place += over ? 1 : 0;
    const auto callback = data.callbacks.find(id);
    const bool owed = callback != data.callbacks.end() && !callback->second.given_up;
    if (over && !owed) {
      beyond.push_back(id);
    }
  }
  return beyond;
}

}  // namespace

Result<AddedJob> addTo(MemJobs& data, Submission submission, const AddOptions& options) {
  if (Result<void> pinned = pin(data, submission, options.now); !pinned) {
    return pinned.error();
  }
  for (const MemJobs::Asked& asked : data.asked) {
    if (options.same_job_window > base::Millis(0) &&
        std::abs(options.now - asked.added) <= options.same_job_window.count() &&
        isSame(asked.submission, submission)) {
      return AddedJob{asked.id, true};
    }
  }
  if (unended(data) >= options.unended_jobs_max) {
    return Error(ErrorKind::kTooLarge, "the queue is full");
  }
  const std::int64_t id = data.next_job++;
  data.asked.push_back({id, options.now, submission});
  JobRecord& job = data.jobs[id];
  job.id = id;
  job.submission = std::move(submission);
  job.times.added = options.now;
  job.trace = {filledIn(options.first_trace_line, job, true)};
  return AddedJob{id, false, std::make_shared<JobRecord>(job)};
}

Result<void> endIn(MemJobs& data, std::int64_t id, model::JobEnd how, UnixMillis callback_due) {
  const auto found = data.jobs.find(id);
  if (found == data.jobs.end()) {
    return noJob(id);
  }
  JobRecord& job = found->second;
  if (job.state == JobState::kEnded) {
    return Error(ErrorKind::kExists, "it has ended already");
  }
  job.state = JobState::kEnded;
  job.verdict = how.verdict;
  job.verdict_text = std::move(how.verdict_text);
  job.outcome = std::move(how.outcome);
  job.retries = how.retries;
  job.vm_name = how.vm_name.empty() ? job.vm_name : how.vm_name;
  job.vm_id = how.vm_id == 0 ? job.vm_id : how.vm_id;
  job.output_bytes = how.output_bytes;
  job.phases = how.phases;
  if (how.output) {
    data.outputs[id] = *std::move(how.output);
  }
  mergeTimes(job.times, how.times);
  job.trace.insert(job.trace.end(), how.trace.begin(), how.trace.end());
  forgetSecrets(job);
  data.ended.push_back(id);
  if (how.in_company) {
    data.ended_in_company.push_back(id);
  }
  if (!job.submission.callback_url.empty()) {
    data.callbacks[id] = {id,
                          job.submission.callback_url,
                          job.submission.output_file,
                          0,
                          callback_due,
                          job.times.ended,
                          "",
                          false};
  }
  return {};
}

Forgotten forgetIn(MemJobs& data, const HistoryBounds& bounds) {
  constexpr UnixMillis kYoungMs = 3'600'000;
  const UnixMillis now = bounds.now != 0 ? bounds.now : base::unixNow();
  Forgotten forgotten;
  forgotten.jobs = jobsBeyond(data, bounds);
  for (const std::int64_t id : forgotten.jobs) {
    data.jobs.erase(id);
    data.callbacks.erase(id);
    data.outputs.erase(id);
  }
  std::size_t left = bounds.step_max - forgotten.jobs.size();
  for (auto& [name, files] : data.courselabs) {
    for (auto file = files.begin(); file != files.end();) {
      const bool goes = left > 0 && file->second.used < bounds.files_unused_since;
      left -= goes ? 1 : 0;
      file = goes ? files.erase(file) : std::next(file);
    }
  }
  for (auto blob = data.blobs.begin(); blob != data.blobs.end();) {
    const bool goes =
        left > 0 && blob->second.second < now - kYoungMs && !hasContent(data, blob->first);
    if (goes) {
      forgotten.blobs.push_back(blob->first);
      --left;
    }
    blob = goes ? data.blobs.erase(blob) : std::next(blob);
  }
  forgotten.more = left == 0 && bounds.step_max > 0;
  return forgotten;
}

}  // namespace tango::test
