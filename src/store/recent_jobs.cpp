#include "store/recent_jobs.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace tango::store {
namespace {

/// Older ones are kept for a while, lest a clock that is set back has them read again and again.
constexpr base::UnixMillis kSlackMs = 60'000;
/// No more are kept, however often they come.
constexpr std::size_t kJobsMax = 1'000'000;

}  // namespace

std::optional<std::int64_t> RecentJobs::find(sqlite::Connection& db, const std::string& hash,
                                             base::UnixMillis now, base::Millis window) {
  const base::UnixMillis since = now - window.count();
  if (!complete_since_ || since < *complete_since_) {
    load(db, since - kSlackMs);
  }
  while (!order_.empty() && order_.front().second.added < since - 2 * kSlackMs) {
    dropOldest();
  }
  const auto found = newest_.find(hash);
  if (found == newest_.end() || found->second.added < since ||
      found->second.added > now + window.count()) {
    return std::nullopt;
  }
  return found->second.id;
}

void RecentJobs::add(const std::string& hash, std::int64_t id, base::UnixMillis added) {
  if (!complete_since_) {
    return;
  }
  const Job job{id, added};
  newest_.insert_or_assign(hash, job);
  order_.emplace_back(hash, job);
  if (order_.size() > kJobsMax) {
    dropOldest();
  }
}

void RecentJobs::clear() {
  newest_.clear();
  order_.clear();
  complete_since_.reset();
}

void RecentJobs::load(sqlite::Connection& db, base::UnixMillis since) {
  clear();
  std::vector<std::pair<std::string, Job>> jobs;
  {
    sqlite::Query query(db,
                        "SELECT submission_hash, id, added FROM job"
                        " WHERE submission_hash IS NOT NULL ORDER BY id DESC LIMIT ?1",
                        kJobsMax);
    while (query.step() && query.integer(2) >= since) {
      jobs.emplace_back(query.text(0), Job{query.integer(1), query.integer(2)});
    }
  }
  complete_since_ = since;
  for (auto job = jobs.rbegin(); job != jobs.rend(); ++job) {
    add(job->first, job->second.id, job->second.added);
  }
}

void RecentJobs::dropOldest() {
  const auto& [hash, job] = order_.front();
  complete_since_ = std::max(*complete_since_, job.added + 1);
  const auto found = newest_.find(hash);
  if (found != newest_.end() && found->second.id == job.id) {
    newest_.erase(found);
  }
  order_.pop_front();
}

}  // namespace tango::store
