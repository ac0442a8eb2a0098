// What a MemJobStore stores, and what the calls that change much of it do.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/job_store.hpp"

namespace tango::test {

/// What is stored: it outlives a MemJobStore, as a disk outlives a service.
struct MemJobs {
  struct File {
    store::Blob blob;
    base::UnixMillis used = 0;
  };
  struct Asked {
    std::int64_t id = 0;
    base::UnixMillis added = 0;
    model::Submission submission;
  };
  std::map<std::string, std::map<std::string, File>> courselabs;
  std::map<std::string, std::pair<store::Blob, base::UnixMillis>> blobs;  ///< and when they came
  std::map<std::int64_t, model::JobRecord> jobs;
  std::vector<Asked> asked;
  std::map<std::int64_t, store::Callback> callbacks;
  std::map<std::int64_t, std::string> outputs;  ///< those that the store keeps
  std::map<std::string, std::string> preallocations;
  std::map<std::string, std::int64_t> counters;
  std::int64_t next_job = 1;
  std::int64_t next_vm = 1000;
  std::string owner;
  std::vector<std::int64_t> claims;            ///< each claim that was asked for, in order
  std::vector<std::int64_t> ended;             ///< each endJob that was ok, in order
  std::vector<std::int64_t> ended_in_company;  ///< those of `ended` that would have waited
};

/// kNotFound: there is no `what`.
[[nodiscard]] base::Error missing(const std::string& what);
[[nodiscard]] base::Error noJob(std::int64_t id);
/// `line` with "%ID%" and, if `with_name`, "%NAME%" replaced.
[[nodiscard]] std::string filledIn(std::string_view line, const model::JobRecord& job,
                                   bool with_name);
void forgetSecrets(model::JobRecord& job);

/// JobStore's addJob, endJob and forget.
base::Result<store::AddedJob> addTo(MemJobs& data, model::Submission submission,
                                    const store::AddOptions& options);
base::Result<void> endIn(MemJobs& data, std::int64_t id, model::JobEnd how,
                         base::UnixMillis callback_due);
store::Forgotten forgetIn(MemJobs& data, const store::HistoryBounds& bounds);

}  // namespace tango::test
