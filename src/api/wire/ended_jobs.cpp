#include "api/wire/ended_jobs.hpp"

#include "api/wire/job_json.hpp"

namespace tango::api::wire {

using base::Result;
using boost::asio::awaitable;

namespace {

// Above this many it is cheaper to read the whole list.
constexpr std::size_t kReadSinglyMax = 20;

}  // namespace

void EndedJobs::add(const model::JobRecord& job) {
  known_.try_emplace(job.id, jobJson(job, service_.config.machine));
}

awaitable<Result<void>> EndedJobs::knowAll() {
  store::JobFilter filter;
  filter.state = model::JobState::kEnded;
  filter.jobs_max = service_.config.history.listed_jobs_max;
  const Result<std::vector<model::JobRecord>> jobs = co_await service_.store.jobs(filter);
  if (!jobs) {
    co_return jobs.error();
  }
  for (const model::JobRecord& job : *jobs) {
    add(job);
  }
  co_return Result<void>();
}

awaitable<Result<void>> EndedJobs::know(std::vector<std::int64_t> missing) {
  for (const std::int64_t id : missing) {
    const Result<model::JobRecord> job = co_await service_.store.job(id);
    if (job) {
      add(*job);
    } else if (job.error().kind() != base::ErrorKind::kNotFound) {  // then it was just forgotten
      co_return job.error();
    }
  }
  co_return Result<void>();
}

std::vector<std::int64_t> EndedJobs::missingOf(const std::vector<std::int64_t>& ids) const {
  std::vector<std::int64_t> missing;
  for (const std::int64_t id : ids) {
    if (!known_.contains(id)) {
      missing.push_back(id);
    }
  }
  return missing;
}

// The list is long, and asked for again and again: it is put together in one place.
std::string EndedJobs::joined(std::string before, const std::vector<std::int64_t>& ids,
                              const std::string& after) const {
  std::vector<const std::string*> jobs;
  std::size_t bytes = before.size() + after.size();
  for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
    if (const auto job = known_.find(*id); job != known_.end()) {
      jobs.push_back(&job->second);
      bytes += job->second.size() + 1;
    }
  }
  std::string text = std::move(before);
  text.reserve(bytes);
  for (const std::string* job : jobs) {
    text.append(job == jobs.front() ? "" : ",").append(*job);
  }
  return text.append(after);
}

awaitable<Result<std::string>> EndedJobs::list(std::string before, std::string after) {
  const Result<std::vector<std::int64_t>> ids =
      co_await service_.store.endedJobIds(service_.config.history.listed_jobs_max);
  if (!ids) {
    co_return ids.error();
  }
  std::vector<std::int64_t> missing = missingOf(*ids);
  Result<void> read;
  if (missing.size() > kReadSinglyMax) {
    read = co_await knowAll();
  } else if (!missing.empty()) {
    read = co_await know(std::move(missing));
  }
  if (!read) {
    co_return read.error();
  }
  std::string text = joined(std::move(before), *ids, after);
  if (!ids->empty()) {
    known_.erase(known_.begin(), known_.lower_bound(ids->back()));
  }
  co_return text;
}

}  // namespace tango::api::wire
