#include "store/job_steps.hpp"

#include <optional>
#include <utility>

#include "store/file_rows.hpp"
#include "store/job_lists.hpp"
#include "store/job_rows.hpp"
#include "store/trace_text.hpp"

namespace tango::store {
namespace {

using base::Error;
using base::ErrorKind;
using model::JobState;

Error noSuchJob(std::int64_t id) {
  return {ErrorKind::kNotFound, "there is no job " + std::to_string(id)};
}

/// The contents of an ended job's inputs may go, as far as it is concerned.
void unpin(sqlite::Connection& db, std::int64_t id) {
  db.run(
      "UPDATE blob SET users = users - 1"
      " WHERE sha256 IN (SELECT sha256 FROM job_input WHERE job = ?1)",
      id);
}

std::optional<std::int64_t> countOf(const std::optional<std::chrono::microseconds>& time) {
  return time ? std::optional(time->count()) : std::nullopt;
}

template <class T>
std::optional<T> onlyIf(bool known, T value) {
  return known ? std::optional(value) : std::nullopt;
}

/// A time or a VM that is not set does not overwrite one that is.
void setEnd(sqlite::Connection& db, std::int64_t id, const model::JobEnd& end, UnixMillis ended) {
  const model::JobTimes& times = end.times;
  const model::JobPhases& phases = end.phases;
  const bool ran = end.outcome.has_value();
  const model::RunOutcome outcome = end.outcome.value_or(model::RunOutcome{});
  const model::Usage& usage = outcome.usage;
  db.run(
      "UPDATE job SET state = 'ended', verdict = ?2, verdict_text = ?3, retries = ?4,"
      " dispatched = coalesce(nullif(?5, 0), dispatched),"
      " vm_ready = coalesce(nullif(?6, 0), vm_ready),"
      " started = coalesce(nullif(?7, 0), started),"
      " finished = coalesce(nullif(?8, 0), finished),"
      " ended = ?9, published_bytes = ?10, trace = trace || ?11,"
      " vm_name = coalesce(nullif(?12, ''), vm_name), vm_id = coalesce(nullif(?13, 0), vm_id),"
      " queued_us = ?14, vm_wait_us = ?15, copy_in_us = ?16, run_us = ?17, copy_out_us = ?18,"
      " publish_us = ?19, exit_status = ?20, signal = ?21, ended_by = ?22, output_elided = ?23,"
      " oom_kills = ?24, used_wall_us = ?25, used_user_us = ?26, used_system_us = ?27,"
      " used_memory_bytes = ?28, used_processes = ?29, used_disk_bytes = ?30,"
      " used_disk_inodes = ?31, used_output_bytes = ?32,"
      " access_key_id = '', access_key = '' WHERE id = ?1",
      id, nameOf(end.verdict), end.verdict_text, end.retries, times.dispatched, times.vm_ready,
      times.started, times.finished, ended, end.output_bytes, traceText(end.trace), end.vm_name,
      end.vm_id, countOf(phases.queued), countOf(phases.vm_wait), countOf(phases.copy_in),
      countOf(phases.run), countOf(phases.copy_out), countOf(phases.publish), outcome.exit_status,
      outcome.signal, outcome.ended_by ? std::optional(nameOf(*outcome.ended_by)) : std::nullopt,
      onlyIf(ran, outcome.output_elided), onlyIf(ran, outcome.oom_kills),
      onlyIf(ran, usage.wall_time.count()), countOf(usage.user_time), countOf(usage.system_time),
      usage.memory_peak_bytes, usage.processes_peak, usage.disk_bytes, usage.disk_inodes,
      onlyIf(ran, usage.output_bytes));
}

}  // namespace

Result<JobRecord> claim(sqlite::Connection& db, std::int64_t id) {
  Result<JobRecord> found = job(db, id);
  if (found && found->state != JobState::kQueued) {
    return Error(ErrorKind::kExists, "job " + std::to_string(id) + " is " +
                                         std::string(nameOf(found->state)) + ", not queued");
  }
  return found;
}

void note(sqlite::Connection& db, std::int64_t id, const JobProgress& progress) {
  db.run(
      "UPDATE job SET retries = coalesce(?2, retries), vm_name = coalesce(?3, vm_name),"
      " vm_id = coalesce(?4, vm_id), trace = trace || ?5,"
      " state = iif(?6 IS NULL, state, 'running'), dispatched = coalesce(?6, dispatched)"
      " WHERE id = ?1 AND state <> 'ended'",
      id, progress.retries, progress.vm_name, progress.vm_id, traceText(progress.trace),
      progress.dispatched);
}

void notePublished(sqlite::Connection& db, std::int64_t id, std::chrono::microseconds took) {
  db.run("UPDATE job SET publish_us = ?2 WHERE id = ?1 AND state = 'ended'", id, took.count());
}

Result<void> requeue(sqlite::Connection& db, std::int64_t id, const std::string& trace_line) {
  {
    sqlite::Query query(db, "SELECT state FROM job WHERE id = ?1", id);
    if (!query.step()) {
      return noSuchJob(id);
    }
    if (query.text(0) == nameOf(JobState::kEnded)) {
      return Error(ErrorKind::kExists, "job " + std::to_string(id) + " has ended already");
    }
  }
  db.run("UPDATE job SET state = 'queued', trace = trace || ?2 WHERE id = ?1", id,
         traceText({trace_line}));
  return {};
}

Result<void> endJob(Session& session, std::int64_t id, const model::JobEnd& end,
                    UnixMillis callback_due) {
  sqlite::Connection& db = session.db;
  bool callback = false;
  {
    sqlite::Query query(db, "SELECT state, callback_url <> '' FROM job WHERE id = ?1", id);
    if (!query.step()) {
      return noSuchJob(id);
    }
    if (query.text(0) == nameOf(JobState::kEnded)) {
      return Error(ErrorKind::kExists, "job " + std::to_string(id) + " has ended already");
    }
    callback = query.integer(1) != 0;
  }
  const UnixMillis ended = end.times.ended != 0 ? end.times.ended : base::unixNow();
  setEnd(db, id, end, ended);
  if (end.output) {
    db.run("INSERT INTO output (job, content) VALUES (?1, ?2)", id, sqlite::Bytes{*end.output});
  }
  if (callback) {
    db.run(
        "INSERT INTO callback (job, due, created, attempts, last_error, given_up)"
        " VALUES (?1, ?2, ?3, 0, '', 0)",
        id, callback_due, ended);
  }
  unpin(db, id);
  --session.totals.unended_jobs;
  ++session.totals.ended_jobs;
  return {};
}

std::vector<WaitingJob> recoverJobs(sqlite::Connection& db, std::string_view trace_line) {
  std::vector<std::pair<std::int64_t, std::string>> running;
  {
    sqlite::Query query(db, "SELECT id, name FROM job WHERE state = 'running'");
    while (query.step()) {
      running.emplace_back(query.integer(0), query.text(1));
    }
  }
  for (const auto& [id, name] : running) {
    const std::string line = filledIn(trace_line, {.id = std::to_string(id), .name = name});
    db.run("UPDATE job SET state = 'queued', trace = trace || ?2 WHERE id = ?1", id,
           traceText({line}));
  }
  std::vector<WaitingJob> waiting;
  sqlite::Query query(db,
                      "SELECT id, courselab, vmms, image, cpu_millis, memory_bytes, disk_bytes,"
                      " disk_inodes, io_bytes_per_second, network, access_key_id, access_key"
                      " FROM job"
                      " WHERE state = 'queued' ORDER BY id");
  while (query.step()) {
    WaitingJob job{query.integer(0), query.text(1), query.text(2), {}};
    job.machine.image = query.text(3);
    job.machine.cpu_millis = query.as<std::uint64_t>(4);
    job.machine.memory_bytes = query.as<std::uint64_t>(5);
    job.machine.disk_bytes = query.as<std::uint64_t>(6);
    job.machine.disk_inodes = query.as<std::uint64_t>(7);
    job.machine.io_bytes_per_second = query.as<std::uint64_t>(8);
    job.machine.network = query.integer(9) != 0;
    job.machine.account = {query.text(10), query.text(11)};
    waiting.push_back(std::move(job));
  }
  return waiting;
}

}  // namespace tango::store
