// The durable memory of the service: courselabs and their files, jobs, owed callbacks, counters.
// The contract, which tests/conformance/job_store proves:
//
// Durable before answered. When a call that writes has returned ok, what it wrote survives a
// SIGKILL and a power failure; before that, none of it may. Reads see all writes that were
// answered.
//
// Order. Calls take effect in the order in which they were made. Several may be under way.
//
// Exactly once. A job is ended by the first endJob; a later one is kExists and changes nothing.
//
// Threads. All methods are called on, and resume on, the one thread of the service; the work is
// done on threads of the store's own. A call that is not awaited to its end is done all the same.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "model/job_record.hpp"

namespace tango::store {

using base::Result;
using base::UnixMillis;
using boost::asio::awaitable;
using model::JobRecord;

/// A file's content, by its hashes in lower-case hex.
struct Blob {
  std::string sha256;
  std::string md5;
  std::uint64_t bytes = 0;
};

struct Courselab {
  bool created = false;  ///< it was not there before
  /// md5 by name, of the files that were uploaded or used last, at most openCourselab's
  /// `files_max`.
  std::map<std::string, std::string> files;
};

enum class PutFile { kUploaded, kSame };

struct AddedJob {
  std::int64_t id = 0;
  /// It was added already, by the same request shortly before; nothing was stored now.
  bool repeated = false;
  /// What `claim` would give; null for one that is repeated.
  std::shared_ptr<const JobRecord> record = nullptr;
};

/// Told, on the service's thread, of a job that is about to be accepted: it is stored and not yet
/// durable, and may not be accepted after all. Perhaps never, perhaps more than once, each time of
/// a job of another id; never after addJob's answer.
using Announce = std::function<void(const AddedJob& job)>;

struct AddOptions {
  UnixMillis now = 0;
  /// The same submission for the same courselab, unended or ended, that was added not longer ago
  /// than this is the same job (nor so much later: the clock may be set back). Zero: never.
  base::Millis same_job_window{0};
  /// The trace's first line: "%ID%" and "%NAME%" in it become the job's.
  std::string first_trace_line;
  /// kTooLarge if as many jobs are unended already.
  std::uint64_t unended_jobs_max = 1'000'000;
  Announce announce;
};

/// What the scheduler keeps in memory of a job that waits.
struct WaitingJob {
  std::int64_t id = 0;
  std::string courselab;
  std::string vmms;
  model::MachineSpec machine;
  /// What `claim` would give; null: that has to be asked.
  std::shared_ptr<const JobRecord> record = nullptr;
};

/// What has happened to a job on its way; only what is set is changed.
struct JobProgress {
  /// When a worker took it: it is a running job from now on.
  std::optional<UnixMillis> dispatched;
  std::optional<int> retries;
  std::optional<std::string> vm_name;
  std::optional<std::int64_t> vm_id;
  std::vector<std::string> trace;  ///< lines to append
};

struct OutputLookup {
  std::int64_t job_id = 0;  ///< of the newest job with that output file
  bool ended = false;       ///< its output is published
  /// The output, if it has ended and the store keeps it; nothing: it is in its file.
  std::optional<std::string> content;
};

/// A callback that is owed.
struct Callback {
  std::int64_t job_id = 0;
  std::string url;
  std::string output_file;
  int attempts = 0;
  UnixMillis due = 0;      ///< not to be sent before
  UnixMillis created = 0;  ///< when the job ended
  std::string last_error;  ///< why the last attempt failed; "": there was none
  bool given_up = false;   ///< not tried again by itself
};

struct JobFilter {
  std::optional<model::JobState> state;
  std::optional<model::Verdict> verdict;
  std::optional<std::string> courselab;
  /// Only ids below it, for paging: the list is newest first.
  std::optional<std::int64_t> before_id;
  std::size_t jobs_max = 100;
};

struct HistoryBounds {
  /// Ended jobs that ended before are forgotten; 0: none for its age.
  UnixMillis ended_before = 0;
  /// Of the ended jobs only the newest so many are kept: those that ended last, and always those
  /// with the highest ids, since a clock that is set back has new ones end before old ones.
  std::uint64_t ended_jobs_max = 100'000;
  /// Files that were neither uploaded nor used since are forgotten; 0: none.
  UnixMillis files_unused_since = 0;
  /// The time of day, for putBlob's hour; 0: base::unixNow.
  UnixMillis now = 0;
  /// How much is done in one call, so that no other call waits for long.
  std::size_t step_max = 500;
};

/// What is no longer in the store, so that its files can go.
struct Forgotten {
  std::vector<std::int64_t> jobs;  ///< their outputs
  std::vector<std::string> blobs;  ///< by SHA-256: no file and no unended job has them
  bool more = false;               ///< call again
};

class JobStore {
 public:
  JobStore() = default;
  JobStore(const JobStore&) = delete;
  JobStore& operator=(const JobStore&) = delete;
  virtual ~JobStore() = default;

  // ---- courselabs and their files

  /// Makes the courselab where it is missing.
  virtual awaitable<Result<Courselab>> openCourselab(std::string name, std::size_t files_max) = 0;
  /// kNotFound: there is no such courselab.
  virtual awaitable<Result<void>> findCourselab(std::string name) = 0;
  [[nodiscard]] virtual awaitable<Result<std::vector<std::string>>> courselabs() = 0;
  /// Gives the name `file` in `courselab` to `blob`, whose content is in place already. Jobs that
  /// were added before keep the content that they pinned. kNotFound: no such courselab.
  virtual awaitable<Result<PutFile>> putFile(std::string courselab, std::string file, Blob blob,
                                             UnixMillis now) = 0;
  /// Notes content that is in place and has no name yet; it is forgotten if no job uses it within
  /// an hour.
  virtual awaitable<Result<void>> putBlob(Blob blob, UnixMillis now) = 0;
  /// The files of `courselab` by name, with their content. kNotFound: no such courselab.
  virtual awaitable<Result<std::map<std::string, Blob>>> files(std::string courselab) = 0;
  /// Of these SHA-256 those that the store has.
  virtual awaitable<Result<std::vector<std::string>>> knownBlobs(
      std::vector<std::string> sha256) = 0;

  // ---- jobs

  /// Accepts a job: its id, its first trace line, and the content of its inputs pinned until it has
  /// ended. It also withdraws an older output of the same name (see output). An id that was
  /// announced is given to no other job. kNotFound names the
  /// courselab, or the first file that was never uploaded.
  virtual awaitable<Result<AddedJob>> addJob(model::Submission submission, AddOptions options) = 0;
  /// Keeps a job that did not pass validation among the ended ones. "%ID%" as in addJob.
  virtual awaitable<Result<std::int64_t>> addRejectedJob(model::Submission submission,
                                                         std::vector<std::string> trace,
                                                         UnixMillis now) = 0;
  /// All that is known of a queued job, for its worker. That it runs is for `note`, or for its end,
  /// to tell: who runs a job knows that it does, and a service that starts anew runs it again in
  /// either case. kNotFound: there is no such job; kExists: it is not queued.
  virtual awaitable<Result<JobRecord>> claim(std::int64_t id) = 0;
  /// Notes what has happened to a job that has not ended. It is stored with the next commit, and
  /// the caller need not wait for it: `void`, never lost but by a crash.
  virtual void note(std::int64_t id, JobProgress progress) = 0;
  /// Notes how long an ended job's publication took, as `note` does.
  virtual void notePublished(std::int64_t id, std::chrono::microseconds took) = 0;
  /// Makes a job that has not ended a queued one again, with a line in its trace. kExists: it has.
  virtual awaitable<Result<void>> requeue(std::int64_t id, std::string trace_line) = 0;
  /// Ends a queued or running job, in one transaction with the callback that is then owed (if it
  /// has a callback URL), due at `callback_due`. kExists: it has ended already.
  virtual awaitable<Result<void>> endJob(std::int64_t id, model::JobEnd end,
                                         UnixMillis callback_due) = 0;

  /// All jobs that have not ended, by id: what a starting service has to run. Running ones become
  /// queued, with `trace_line` ("%ID%" and "%NAME%" replaced).
  virtual awaitable<Result<std::vector<WaitingJob>>> recoverJobs(std::string trace_line) = 0;

  /// kNotFound: there is no such job (any more).
  virtual awaitable<Result<JobRecord>> job(std::int64_t id) = 0;
  /// Newest first, each with its trace and inputs.
  virtual awaitable<Result<std::vector<JobRecord>>> jobs(JobFilter filter) = 0;
  /// The ids of the ended jobs, newest first: for who keeps what an ended job is, which never
  /// changes.
  virtual awaitable<Result<std::vector<std::int64_t>>> endedJobIds(std::size_t jobs_max) = 0;
  /// kNotFound: no job of that courselab has such an output file.
  virtual awaitable<Result<OutputLookup>> output(std::string courselab,
                                                 std::string output_file) = 0;

  /// The output of an ended job, if the store keeps it; nothing: it is in its file, or there is
  /// none.
  virtual awaitable<Result<std::optional<std::string>>> storedOutput(std::int64_t id) = 0;

  // ---- the outbox of callbacks

  /// The callbacks due at `now` that are not given up, those due first first. One that would be due
  /// later than `wait_max` from now is due too, behind them: the clock was set back.
  virtual awaitable<Result<std::vector<Callback>>> dueCallbacks(UnixMillis now,
                                                                base::Millis wait_max,
                                                                std::size_t callbacks_max) = 0;
  /// When the first one after `after` will be due; nothing: none is.
  virtual awaitable<Result<std::optional<UnixMillis>>> nextCallbackDue(UnixMillis after) = 0;
  virtual awaitable<Result<void>> callbackSent(std::int64_t job_id) = 0;
  /// To be tried again at `due`, or given up.
  virtual awaitable<Result<void>> callbackFailed(std::int64_t job_id, std::string error,
                                                 UnixMillis due, bool give_up) = 0;
  /// All that are owed or were given up, oldest first.
  virtual awaitable<Result<std::vector<Callback>>> callbacks() = 0;
  /// Makes the callback of an ended job due at `now`, also if it was sent or given up before.
  /// kNotFound: no such job, not ended, or without a callback URL.
  virtual awaitable<Result<void>> resendCallback(std::int64_t job_id, UnixMillis now) = 0;

  // ---- the rest

  /// `count` numbers for VMs that were never given before and never will be: the first of them.
  /// The very first is 1000.
  virtual awaitable<Result<std::int64_t>> reserveVmIds(std::int64_t count) = 0;
  /// How many VMs are to be kept ready, by a key of the caller's; survives a restart.
  virtual awaitable<Result<void>> setPreallocation(std::string key, std::string value) = 0;
  virtual awaitable<Result<std::map<std::string, std::string>>> preallocations() = 0;
  /// Counters that survive a restart, by name.
  virtual void count(std::string name, std::int64_t by) = 0;
  virtual awaitable<Result<std::map<std::string, std::int64_t>>> counters() = 0;
  /// Who this data folder is: a random name made once, the owner label of its VMs.
  [[nodiscard]] virtual std::string owner() const = 0;
  /// Forgets what is beyond the bounds, and names what is no longer used by anything.
  virtual awaitable<Result<Forgotten>> forget(HistoryBounds bounds) = 0;
};

}  // namespace tango::store
