#include "support/mem_job_store.hpp"

#include <algorithm>
#include <limits>
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

namespace {

bool matches(const JobRecord& job, const JobFilter& filter) {
  return (!filter.state || job.state == *filter.state) &&
         (!filter.verdict || job.verdict == filter.verdict) &&
         (!filter.courselab || job.submission.courselab == *filter.courselab) &&
         (!filter.before_id || job.id < *filter.before_id);
}

}  // namespace

MemJobStore::MemJobStore(boost::asio::any_io_executor executor, std::shared_ptr<MemJobs> data)
    : executor_(std::move(executor)), data_(std::move(data)) {
  if (data_->owner.empty()) {
    static int stores = 0;
    const std::string number = std::to_string(++stores);
    data_->owner = std::string(32 - number.size(), '0') + number;
  }
}

template <class T>
using Answer = MemJobStore::Answer<T>;

Answer<Courselab> MemJobStore::openCourselab(std::string name, std::size_t files_max) {
  return write([&]() -> Result<Courselab> {
    Courselab lab;
    lab.created = !data_->courselabs.contains(name);
    std::vector<std::pair<UnixMillis, std::string>> by_use;
    for (const auto& [file, what] : data_->courselabs[name]) {
      by_use.emplace_back(-what.used, file);
    }
    std::sort(by_use.begin(), by_use.end());
    by_use.resize(std::min(by_use.size(), files_max));
    for (const auto& [used, file] : by_use) {
      lab.files[file] = data_->courselabs[name][file].blob.md5;
    }
    return lab;
  });
}

Answer<void> MemJobStore::findCourselab(std::string name) {
  return answer(data_->courselabs.contains(name) ? Result<void>() : missing("courselab " + name));
}

Answer<std::vector<std::string>> MemJobStore::courselabs() {
  std::vector<std::string> names;
  for (const auto& [name, files] : data_->courselabs) {
    names.push_back(name);
  }
  return answer(Result<std::vector<std::string>>(std::move(names)));
}

Answer<PutFile> MemJobStore::putFile(std::string courselab, std::string file, Blob blob,
                                     UnixMillis now) {
  return write([&]() -> Result<PutFile> {
    const auto lab = data_->courselabs.find(courselab);
    if (lab == data_->courselabs.end()) {
      return missing("courselab " + courselab);
    }
    data_->blobs[blob.sha256] = {blob, now};
    MemJobs::File& named = lab->second[file];
    const bool same = named.blob.sha256 == blob.sha256;
    named = {blob, std::max(named.used, now)};
    return same ? PutFile::kSame : PutFile::kUploaded;
  });
}

Answer<void> MemJobStore::putBlob(Blob blob, UnixMillis now) {
  return write([&]() -> Result<void> {
    data_->blobs[blob.sha256] = {blob, now};
    return {};
  });
}

Answer<std::map<std::string, Blob>> MemJobStore::files(std::string courselab) {
  const auto lab = data_->courselabs.find(courselab);
  if (lab == data_->courselabs.end()) {
    return answer(Result<std::map<std::string, Blob>>(missing("courselab " + courselab)));
  }
  std::map<std::string, Blob> all;
  for (const auto& [name, file] : lab->second) {
    all[name] = file.blob;
  }
  return answer(Result<std::map<std::string, Blob>>(std::move(all)));
}

Answer<std::vector<std::string>> MemJobStore::knownBlobs(std::vector<std::string> sha256) {
  std::erase_if(sha256, [this](const std::string& each) { return !data_->blobs.contains(each); });
  return answer(Result<std::vector<std::string>>(std::move(sha256)));
}

Answer<AddedJob> MemJobStore::added(Result<AddedJob> result) {
  co_await boost::asio::post(executor_, boost::asio::use_awaitable);
  if (const std::shared_ptr<async::Event> durable = durable_) {
    co_await durable->wait();
  }
  co_return result;
}

Answer<AddedJob> MemJobStore::addJob(Submission submission, AddOptions options) {
  const std::optional<Error> fault = fault_ ? fault_() : std::nullopt;
  if (fault && !options.announce) {
    return added(*fault);
  }
  const std::optional<MemJobs> before = fault ? std::optional(*data_) : std::nullopt;
  Result<AddedJob> stored = addTo(*data_, std::move(submission), options);
  if (stored && !stored->repeated && options.announce) {
    boost::asio::post(executor_, [announce = options.announce, job = *stored] { announce(job); });
  }
  if (!fault) {
    return added(std::move(stored));
  }
  // As a disk that turns out to be full behind the announcement; its id is gone.
  const std::int64_t next_job = data_->next_job;
  *data_ = *before;
  data_->next_job = next_job;
  return added(*fault);
}

Answer<std::int64_t> MemJobStore::addRejectedJob(Submission submission,
                                                 std::vector<std::string> trace, UnixMillis now) {
  return write([&]() -> Result<std::int64_t> {
    JobRecord job;
    job.id = data_->next_job++;
    job.submission = std::move(submission);
    job.state = JobState::kEnded;
    job.verdict = model::Verdict::kRejected;
    job.times.added = job.times.ended = now;
    for (const std::string& line : trace) {
      job.trace.push_back(filledIn(line, job, false));
    }
    if (!trace.empty()) {
      job.verdict_text = job.trace.back().substr(job.trace.back().find('|') + 1);
    }
    forgetSecrets(job);
    data_->jobs[job.id] = job;
    return job.id;
  });
}

Answer<JobRecord> MemJobStore::claim(std::int64_t id) {
  data_->claims.push_back(id);
  return write([&]() -> Result<JobRecord> {
    const auto found = data_->jobs.find(id);
    if (found == data_->jobs.end()) {
      return noJob(id);
    }
    if (found->second.state != JobState::kQueued) {
      return Error(ErrorKind::kExists, "it is not queued");
    }
    return found->second;
  });
}

void MemJobStore::note(std::int64_t id, JobProgress progress) {
  const auto found = data_->jobs.find(id);
  if (found == data_->jobs.end() || found->second.state == JobState::kEnded) {
    return;
  }
  JobRecord& job = found->second;
  if (progress.dispatched) {
    job.state = JobState::kRunning;
    job.times.dispatched = *progress.dispatched;
  }
  job.retries = progress.retries.value_or(job.retries);
  job.vm_name = progress.vm_name.value_or(job.vm_name);
  job.vm_id = progress.vm_id.value_or(job.vm_id);
  job.trace.insert(job.trace.end(), progress.trace.begin(), progress.trace.end());
}

void MemJobStore::notePublished(std::int64_t id, std::chrono::microseconds took) {
  const auto found = data_->jobs.find(id);
  if (found != data_->jobs.end() && found->second.state == JobState::kEnded) {
    found->second.phases.publish = took;
  }
}

Answer<void> MemJobStore::requeue(std::int64_t id, std::string trace_line) {
  return write([&]() -> Result<void> {
    const auto found = data_->jobs.find(id);
    if (found == data_->jobs.end()) {
      return noJob(id);
    }
    if (found->second.state == JobState::kEnded) {
      return Error(ErrorKind::kExists, "it has ended");
    }
    found->second.state = JobState::kQueued;
    found->second.trace.push_back(std::move(trace_line));
    return {};
  });
}

Answer<void> MemJobStore::endJob(std::int64_t id, model::JobEnd how, UnixMillis callback_due) {
  return write([&] { return endIn(*data_, id, std::move(how), callback_due); });
}

Answer<std::vector<WaitingJob>> MemJobStore::recoverJobs(std::string trace_line) {
  return write([&]() -> Result<std::vector<WaitingJob>> {
    std::vector<WaitingJob> waiting;
    for (auto& [id, job] : data_->jobs) {
      if (job.state == JobState::kRunning) {
        job.state = JobState::kQueued;
        job.trace.push_back(filledIn(trace_line, job, true));
      }
      if (job.state == JobState::kQueued) {
        waiting.push_back(
            {id, job.submission.courselab, job.submission.vmms, job.submission.machine});
      }
    }
    return waiting;
  });
}

Answer<JobRecord> MemJobStore::job(std::int64_t id) {
  const auto found = data_->jobs.find(id);
  return answer(found == data_->jobs.end() ? Result<JobRecord>(noJob(id))
                                           : Result<JobRecord>(found->second));
}

Answer<std::vector<JobRecord>> MemJobStore::jobs(JobFilter filter) {
  std::vector<JobRecord> all;
  for (auto job = data_->jobs.rbegin(); job != data_->jobs.rend(); ++job) {
    if (all.size() < filter.jobs_max && matches(job->second, filter)) {
      all.push_back(job->second);
    }
  }
  return answer(Result<std::vector<JobRecord>>(std::move(all)));
}

Answer<std::vector<std::int64_t>> MemJobStore::endedJobIds(std::size_t jobs_max) {
  std::vector<std::int64_t> ids;
  for (auto job = data_->jobs.rbegin(); job != data_->jobs.rend(); ++job) {
    if (ids.size() < jobs_max && job->second.state == JobState::kEnded) {
      ids.push_back(job->first);
    }
  }
  return answer(Result<std::vector<std::int64_t>>(std::move(ids)));
}

Answer<OutputLookup> MemJobStore::output(std::string courselab, std::string output_file) {
  for (auto job = data_->jobs.rbegin(); job != data_->jobs.rend(); ++job) {
    const JobRecord& each = job->second;
    if (each.submission.courselab == courselab && each.submission.output_file == output_file &&
        each.verdict != model::Verdict::kRejected) {
      const auto kept = data_->outputs.find(each.id);
      return answer(Result<OutputLookup>(
          {each.id, each.state == JobState::kEnded,
           kept == data_->outputs.end() ? std::nullopt : std::optional(kept->second)}));
    }
  }
  return answer(Result<OutputLookup>(missing("output " + output_file)));
}

Answer<std::optional<std::string>> MemJobStore::storedOutput(std::int64_t id) {
  const auto kept = data_->outputs.find(id);
  return answer(Result<std::optional<std::string>>(
      kept == data_->outputs.end() ? std::nullopt : std::optional(kept->second)));
}

Answer<std::vector<Callback>> MemJobStore::dueCallbacks(UnixMillis now, base::Millis wait_max,
                                                        std::size_t callbacks_max) {
  std::vector<Callback> due;
  for (const auto& [id, callback] : data_->callbacks) {
    const bool is_due = callback.due <= now || callback.due > now + wait_max.count();
    if (!callback.given_up && is_due) {
      due.push_back(callback);
    }
  }
  std::sort(due.begin(), due.end(), [](const Callback& one, const Callback& other) {
    return std::tie(one.due, one.job_id) < std::tie(other.due, other.job_id);
  });
  due.resize(std::min(due.size(), callbacks_max));
  return answer(Result<std::vector<Callback>>(std::move(due)));
}

Answer<std::optional<UnixMillis>> MemJobStore::nextCallbackDue(UnixMillis after) {
  std::optional<UnixMillis> next;
  for (const auto& [id, callback] : data_->callbacks) {
    if (!callback.given_up && callback.due > after) {
      next = std::min(next.value_or(callback.due), callback.due);
    }
  }
  return answer(Result<std::optional<UnixMillis>>(next));
}

Answer<void> MemJobStore::callbackSent(std::int64_t job_id) {
  return write([&]() -> Result<void> {
    data_->callbacks.erase(job_id);
    return {};
  });
}

Answer<void> MemJobStore::callbackFailed(std::int64_t job_id, std::string error, UnixMillis due,
                                         bool give_up) {
  return write([&]() -> Result<void> {
    const auto found = data_->callbacks.find(job_id);
    if (found == data_->callbacks.end()) {
      return missing("callback of job " + std::to_string(job_id));
    }
    found->second.attempts += 1;
    found->second.last_error = std::move(error);
    found->second.due = due;
    found->second.given_up = give_up;
    return {};
  });
}

Answer<std::vector<Callback>> MemJobStore::callbacks() {
  std::vector<Callback> all;
  for (const auto& [id, callback] : data_->callbacks) {
    all.push_back(callback);
  }
  std::sort(all.begin(), all.end(), [](const Callback& one, const Callback& other) {
    return std::tie(one.created, one.job_id) < std::tie(other.created, other.job_id);
  });
  return answer(Result<std::vector<Callback>>(std::move(all)));
}

Answer<void> MemJobStore::resendCallback(std::int64_t job_id, UnixMillis now) {
  return write([&]() -> Result<void> {
    const auto found = data_->jobs.find(job_id);
    if (found == data_->jobs.end() || found->second.state != JobState::kEnded ||
        found->second.submission.callback_url.empty()) {
      return missing("callback of job " + std::to_string(job_id));
    }
    const JobRecord& job = found->second;
    data_->callbacks[job_id] = {job_id,
                                job.submission.callback_url,
                                job.submission.output_file,
                                0,
                                now,
                                job.times.ended,
                                "",
                                false};
    return {};
  });
}

Answer<std::int64_t> MemJobStore::reserveVmIds(std::int64_t count) {
  return write([&]() -> Result<std::int64_t> {
    if (count < 1 || count > std::numeric_limits<std::int64_t>::max() - data_->next_vm) {
      return Error(ErrorKind::kInvalid, "not a count");
    }
    return std::exchange(data_->next_vm, data_->next_vm + count);
  });
}

Answer<void> MemJobStore::setPreallocation(std::string key, std::string value) {
  return write([&]() -> Result<void> {
    data_->preallocations[key] = value;
    return {};
  });
}

Answer<std::map<std::string, std::string>> MemJobStore::preallocations() {
  return answer(Result<std::map<std::string, std::string>>(data_->preallocations));
}

void MemJobStore::count(std::string name, std::int64_t by) {
  data_->counters[name] += by;
}

Answer<std::map<std::string, std::int64_t>> MemJobStore::counters() {
  return answer(Result<std::map<std::string, std::int64_t>>(data_->counters));
}

Answer<Forgotten> MemJobStore::forget(HistoryBounds bounds) {
  return write([&]() -> Result<Forgotten> { return forgetIn(*data_, bounds); });
}

}  // namespace tango::test
