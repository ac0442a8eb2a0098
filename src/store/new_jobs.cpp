#include "store/new_jobs.hpp"

#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "store/file_rows.hpp"
#include "store/job_rows.hpp"
#include "store/submission_hash.hpp"
#include "store/trace_text.hpp"

namespace tango::store {
namespace {

using base::Error;
using base::ErrorKind;

/// Sets the content of each file: what its name stands for now, unless it names one itself.
Result<void> resolveContents(sqlite::Connection& db, model::Submission& submission) {
  for (model::SubmittedFile& file : submission.files) {
    if (file.sha256.empty()) {
      Result<std::string> sha256 = contentOf(db, submission.courselab, file.local_file);
      if (!sha256) {
        return sha256.error();
      }
      file.sha256 = *std::move(sha256);
    } else if (!hasBlob(db, file.sha256)) {
      return Error(ErrorKind::kNotFound, "there is no content with SHA-256 " + file.sha256 +
                                             " for file '" + file.local_file + "'");
    }
  }
  return {};
}

/// Pins each content once, and notes the names by which they were found as used.
void useContents(sqlite::Connection& db, const model::Submission& asked,
                 const model::Submission& resolved, UnixMillis now) {
  std::set<std::string_view> contents;
  for (std::size_t i = 0; i < resolved.files.size(); ++i) {
    if (asked.files[i].sha256.empty()) {
      noteUse(db, resolved.courselab, resolved.files[i].local_file, now);
    }
    if (contents.insert(resolved.files[i].sha256).second) {
      countUser(db, resolved.files[i].sha256, 1);
    }
  }
}

/// A line's text without the date before it.
std::string_view textOf(std::string_view line) {
  const std::size_t bar = line.find('|');
  return bar == std::string_view::npos ? line : line.substr(bar + 1);
}

}  // namespace

Result<AddedJob> addJob(Session& session, const model::Submission& asked,
                        const AddOptions& options) {
  sqlite::Connection& db = session.db;
  if (const Result<void> there = checkCourselab(db, asked.courselab); !there) {
    return there.error();
  }
  model::Submission submission = asked;
  if (const Result<void> resolved = resolveContents(db, submission); !resolved) {
    return resolved.error();
  }
  const std::string hash = submissionHash(submission);
  if (options.same_job_window > base::Millis(0)) {
    const auto same = session.recent_jobs.find(db, hash, options.now, options.same_job_window);
    if (same) {
      return AddedJob{.id = *same, .repeated = true};
    }
  }
  if (session.totals.unended_jobs >= options.unended_jobs_max) {
    return Error(ErrorKind::kTooLarge,
                 "the queue is full: " + std::to_string(session.totals.unended_jobs) +
                     " jobs wait or run already");
  }
  const std::int64_t id = ++session.totals.last_job_id;
  ++session.totals.unended_jobs;
  session.recent_jobs.add(hash, id, options.now);
  const std::string line =
      filledIn(options.first_trace_line, {.id = std::to_string(id), .name = submission.name});
  insertJob(db, id, submission, hash, traceText({line}), options.now);
  useContents(db, asked, submission, options.now);
  auto record = std::make_shared<model::JobRecord>();
  record->id = id;
  record->submission = std::move(submission);
  record->trace = {line};
  record->times.added = options.now;
  return AddedJob{.id = id, .repeated = false, .record = std::move(record)};
}

std::int64_t addRejectedJob(Session& session, const model::Submission& submission,
                            const std::vector<std::string>& trace, UnixMillis now) {
  const std::int64_t id = ++session.totals.last_job_id;
  ++session.totals.ended_jobs;
  const std::string id_text = std::to_string(id);
  std::vector<std::string> lines;
  for (const std::string& line : trace) {
    lines.push_back(filledIn(line, {.id = id_text}));
  }
  const std::string verdict(lines.empty() ? "Job rejected" : textOf(lines.back()));
  insertRejectedJob(session.db, id, submission, traceText(lines), verdict, now);
  return id;
}

}  // namespace tango::store
