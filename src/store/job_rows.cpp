#include "store/job_rows.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <string_view>

#include "store/trace_text.hpp"

namespace tango::store {
namespace {

using model::JobRecord;
using model::Limit;
using model::RunOutcome;
using model::Submission;
using sqlite::Query;

constexpr std::string_view kInsert =
    "INSERT INTO job (id, state, courselab, name, vmms, image, cpu_millis, memory_bytes,"
    " disk_bytes, disk_inodes, io_bytes_per_second, network, wall_time_ms, cpu_time_ms, processes,"
    " file_size_bytes, output_bytes, open_files, output_file, callback_url, access_key_id,"
    " access_key, submission_hash, trace, added, ended, verdict, verdict_text)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,"
    " ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28)";

/// What distinguishes a rejected job's row.
struct Ending {
  std::optional<sqlite::Bytes> submission_hash;
  std::string_view state = "queued";
  std::optional<base::UnixMillis> ended;
  std::optional<std::string_view> verdict;
  std::optional<std::string_view> verdict_text;
  bool secrets = true;
};

void insert(sqlite::Connection& db, std::int64_t id, const Submission& submission,
            const std::string& trace, base::UnixMillis now, const Ending& ending) {
  const model::MachineSpec& machine = submission.machine;
  const model::RunLimits& limits = submission.limits;
  const auto secret = [&](const std::string& text) {
    return ending.secrets ? std::string_view(text) : std::string_view();
  };
  db.run(kInsert, id, ending.state, submission.courselab, submission.name, submission.vmms,
         machine.image, machine.cpu_millis, machine.memory_bytes, machine.disk_bytes,
         machine.disk_inodes, machine.io_bytes_per_second, machine.network,
         limits.wall_time.count(), limits.cpu_time.count(), limits.processes,
         limits.file_size_bytes, limits.output_bytes, limits.open_files, submission.output_file,
         submission.callback_url, secret(submission.access_key_id), secret(submission.access_key),
         ending.submission_hash, trace, now, ending.ended, ending.verdict, ending.verdict_text);
  std::int64_t position = 0;
  for (const model::SubmittedFile& file : submission.files) {
    db.run(
        "INSERT INTO job_input (job, position, local_file, dest_file, sha256)"
        " VALUES (?1, ?2, ?3, ?4, ?5)",
        id, position++, file.local_file, file.dest_file, file.sha256);
  }
}

/// The columns in the order in which the readers below take them.
enum Column {
  kId,
  kState,
  kCourselab,
  kName,
  kVmms,
  kImage,
  kCpuMillis,
  kMemoryBytes,
  kDiskBytes,
  kDiskInodes,
  kIoBytesPerSecond,
  kNetwork,
  kWallTimeMs,
  kCpuTimeMs,
  kProcesses,
  kFileSizeBytes,
  kOutputBytes,
  kOpenFiles,
  kOutputFile,
  kCallbackUrl,
  kAccessKeyId,
  kAccessKey,
  kRetries,
  kVmName,
  kVmId,
  kTrace,
  kAdded,
  kDispatched,
  kVmReady,
  kStarted,
  kFinished,
  kEnded,
  kVerdict,
  kVerdictText,
  kPublishedBytes,
  kExitStatus,
  kSignal,
  kEndedBy,
  kOutputElided,
  kOomKills,
  kUsedWallUs,
  kUsedUserUs,
  kUsedSystemUs,
  kUsedMemoryBytes,
  kUsedProcesses,
  kUsedDiskBytes,
  kUsedDiskInodes,
  kUsedOutputBytes,
  kQueuedUs,
  kVmWaitUs,
  kCopyInUs,
  kRunUs,
  kCopyOutUs,
  kPublishUs,
};

constexpr std::string_view kColumns =
    "id, state, courselab, name, vmms, image, cpu_millis, memory_bytes, disk_bytes, disk_inodes,"
    " io_bytes_per_second, network, wall_time_ms, cpu_time_ms, processes, file_size_bytes,"
    " output_bytes, open_files, output_file, callback_url, access_key_id, access_key, retries,"
    " vm_name, vm_id, trace, added, dispatched, vm_ready, started, finished, ended, verdict,"
    " verdict_text, published_bytes, exit_status, signal, ended_by, output_elided, oom_kills,"
    " used_wall_us, used_user_us, used_system_us, used_memory_bytes, used_processes,"
    " used_disk_bytes, used_disk_inodes, used_output_bytes, queued_us, vm_wait_us, copy_in_us, "
    "run_us,"
    " copy_out_us, publish_us";

Submission submissionOf(const Query& row) {
  Submission submission;
  submission.courselab = row.text(kCourselab);
  submission.name = row.text(kName);
  submission.vmms = row.text(kVmms);
  model::MachineSpec& machine = submission.machine;
  machine.image = row.text(kImage);
  machine.cpu_millis = row.as<std::uint64_t>(kCpuMillis);
  machine.memory_bytes = row.as<std::uint64_t>(kMemoryBytes);
  machine.disk_bytes = row.as<std::uint64_t>(kDiskBytes);
  machine.disk_inodes = row.as<std::uint64_t>(kDiskInodes);
  machine.io_bytes_per_second = row.as<std::uint64_t>(kIoBytesPerSecond);
  machine.network = row.integer(kNetwork) != 0;
  model::RunLimits& limits = submission.limits;
  limits.wall_time = std::chrono::milliseconds(row.integer(kWallTimeMs));
  limits.cpu_time = std::chrono::milliseconds(row.integer(kCpuTimeMs));
  limits.processes = row.as<std::uint64_t>(kProcesses);
  limits.file_size_bytes = row.as<std::uint64_t>(kFileSizeBytes);
  limits.output_bytes = row.as<std::uint64_t>(kOutputBytes);
  limits.open_files = row.as<std::uint64_t>(kOpenFiles);
  submission.output_file = row.text(kOutputFile);
  submission.callback_url = row.text(kCallbackUrl);
  submission.access_key_id = row.text(kAccessKeyId);
  submission.access_key = row.text(kAccessKey);
  machine.account = {submission.access_key_id, submission.access_key};
  return submission;
}

std::optional<Limit> limitNamed(std::string_view name) {
  for (const Limit limit : {Limit::kWallTime, Limit::kCpuTime, Limit::kMemory, Limit::kProcesses,
                            Limit::kDisk, Limit::kOutput}) {
    if (nameOf(limit) == name) {
      return limit;
    }
  }
  return std::nullopt;
}

std::optional<std::chrono::microseconds> maybeMicros(const Query& row, int column) {
  const std::optional<std::int64_t> count = row.maybe<std::int64_t>(column);
  return count ? std::optional(std::chrono::microseconds(*count)) : std::nullopt;
}

std::optional<RunOutcome> outcomeOf(const Query& row) {
  if (row.null(kUsedWallUs)) {
    return std::nullopt;
  }
  RunOutcome outcome;
  outcome.exit_status = row.maybe<int>(kExitStatus);
  outcome.signal = row.maybe<int>(kSignal);
  outcome.ended_by = limitNamed(row.text(kEndedBy));
  outcome.output_elided = row.integer(kOutputElided) != 0;
  outcome.oom_kills = row.as<std::uint64_t>(kOomKills);
  model::Usage& usage = outcome.usage;
  usage.wall_time = std::chrono::microseconds(row.integer(kUsedWallUs));
  usage.user_time = maybeMicros(row, kUsedUserUs);
  usage.system_time = maybeMicros(row, kUsedSystemUs);
  usage.memory_peak_bytes = row.maybe<std::uint64_t>(kUsedMemoryBytes);
  usage.processes_peak = row.maybe<std::uint64_t>(kUsedProcesses);
  usage.disk_bytes = row.maybe<std::uint64_t>(kUsedDiskBytes);
  usage.disk_inodes = row.maybe<std::uint64_t>(kUsedDiskInodes);
  usage.output_bytes = row.as<std::uint64_t>(kUsedOutputBytes);
  return outcome;
}

}  // namespace

void insertJob(sqlite::Connection& db, std::int64_t id, const Submission& submission,
               const std::string& submission_hash, const std::string& trace, base::UnixMillis now) {
  Ending none;
  none.submission_hash = sqlite::Bytes{submission_hash};
  insert(db, id, submission, trace, now, none);
}

void insertRejectedJob(sqlite::Connection& db, std::int64_t id, const Submission& submission,
                       const std::string& trace, const std::string& verdict_text,
                       base::UnixMillis now) {
  Ending rejected;
  rejected.state = nameOf(model::JobState::kEnded);
  rejected.ended = now;
  rejected.verdict = nameOf(model::Verdict::kRejected);
  rejected.verdict_text = verdict_text;
  rejected.secrets = false;
  insert(db, id, submission, trace, now, rejected);
}

const std::string& recordColumns() {
  static const std::string columns(kColumns);
  return columns;
}

JobRecord recordOf(const Query& row) {
  JobRecord job;
  job.id = row.integer(kId);
  job.submission = submissionOf(row);
  job.state = model::jobStateNamed(row.text(kState)).value_or(model::JobState::kEnded);
  job.retries = row.as<int>(kRetries);
  job.vm_name = row.text(kVmName);
  job.vm_id = row.integer(kVmId);
  job.trace = traceLines(row.text(kTrace));
  job.times.added = row.integer(kAdded);
  job.times.dispatched = row.integer(kDispatched);
  job.times.vm_ready = row.integer(kVmReady);
  job.times.started = row.integer(kStarted);
  job.times.finished = row.integer(kFinished);
  job.times.ended = row.integer(kEnded);
  job.phases = {.queued = maybeMicros(row, kQueuedUs),
                .vm_wait = maybeMicros(row, kVmWaitUs),
                .copy_in = maybeMicros(row, kCopyInUs),
                .run = maybeMicros(row, kRunUs),
                .copy_out = maybeMicros(row, kCopyOutUs),
                .publish = maybeMicros(row, kPublishUs)};
  job.verdict = model::verdictNamed(row.text(kVerdict));
  job.verdict_text = row.text(kVerdictText);
  job.outcome = outcomeOf(row);
  job.output_bytes = row.as<std::uint64_t>(kPublishedBytes);
  return job;
}

std::vector<model::SubmittedFile> inputsOf(sqlite::Connection& db, std::int64_t id) {
  std::vector<model::SubmittedFile> files;
  Query query(db,
              "SELECT local_file, dest_file, sha256 FROM job_input WHERE job = ?1"
              " ORDER BY position",
              id);
  while (query.step()) {
    files.push_back({query.text(0), query.text(1), query.text(2)});
  }
  return files;
}

}  // namespace tango::store
