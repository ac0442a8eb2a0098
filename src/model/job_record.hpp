// A job as the store knows it, from its acceptance to long after its end.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "model/outcome.hpp"
#include "model/submission.hpp"

namespace tango::model {

enum class JobState { kQueued, kRunning, kEnded };

/// How an ended job ended.
enum class Verdict {
  kSucceeded,      ///< make exited with 0
  kFailed,         ///< make exited with another status, or a signal killed it
  kLimit,          ///< a limit ended it: see the outcome's ended_by
  kInternalError,  ///< our own machinery failed it, more often than it is tried
  kCancelled,      ///< somebody asked for its end
  kRejected,       ///< it did not pass validation and never ran
};

/// "queued", "running", "ended"; "succeeded", "failed", "limit", "internal_error", "cancelled",
/// "rejected": as the store keeps them and the API says them.
[[nodiscard]] std::string_view nameOf(JobState state);
[[nodiscard]] std::string_view nameOf(Verdict verdict);
[[nodiscard]] std::optional<JobState> jobStateNamed(std::string_view name);
[[nodiscard]] std::optional<Verdict> verdictNamed(std::string_view name);

/// When a job came to each point of its way; 0: it has not (the last try's, where it was tried
/// again).
struct JobTimes {
  base::UnixMillis added = 0;
  base::UnixMillis dispatched = 0;  ///< a worker took it
  base::UnixMillis vm_ready = 0;    ///< it has a VM that is ready for its files
  base::UnixMillis started = 0;     ///< its files are there; make begins
  base::UnixMillis finished = 0;    ///< make is over
  base::UnixMillis ended = 0;       ///< its output is published
};

/// How long each part of a job's way took; nothing: not (yet). Of the last try, where it was tried
/// again. On a clock that nobody sets, but for `queued`, which may lie on both sides of a restart:
/// `added` to `dispatched`, to the millisecond.
struct JobPhases {
  using Time = std::optional<std::chrono::microseconds>;
  Time queued;
  Time vm_wait;  ///< initializeVM and waitVM; next to nothing where a VM was kept ready
  Time copy_in;
  Time run;
  Time copy_out;  ///< the output, from the VM to the service
  Time publish;   ///< until the output and the job's end are durable
};

struct JobRecord {
  std::int64_t id = 0;
  /// Each file's `sha256` is set: the content that was pinned when the job was added.
  Submission submission;
  JobState state = JobState::kQueued;
  int retries = 0;
  /// The VM that it was given last; "": none yet.
  std::string vm_name;
  std::int64_t vm_id = 0;
  /// Each `DATE|text`, oldest first (see scheduler/job_text.hpp).
  std::vector<std::string> trace;
  JobTimes times;
  JobPhases phases;
  std::optional<Verdict> verdict;  ///< once it has ended
  std::string verdict_text;        ///< the verdict in one line for people
  std::optional<RunOutcome> outcome;
  std::uint64_t output_bytes = 0;  ///< size of the published output file

  /// `NAME:ID`
  [[nodiscard]] std::string label() const { return submission.name + ":" + std::to_string(id); }
};

/// How a job ended, for the one transaction that ends it.
struct JobEnd {
  Verdict verdict = Verdict::kInternalError;
  std::string verdict_text;
  std::optional<RunOutcome> outcome;
  int retries = 0;
  /// The VM that it was given last; "": none.
  std::string vm_name;
  std::int64_t vm_id = 0;
  JobTimes times;
  JobPhases phases;
  std::uint64_t output_bytes = 0;
  /// The whole output, where the store itself is to keep it; nothing: it is in its file.
  std::optional<std::string> output;
  /// The trace's last lines, those that were not yet stored.
  std::vector<std::string> trace;
  /// It may wait a few milliseconds for the ends of other jobs, and share their commit.
  bool in_company = false;
};

}  // namespace tango::model
