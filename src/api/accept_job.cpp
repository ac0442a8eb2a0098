#include "api/accept_job.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/safe_path.hpp"
#include "model/limit_caps.hpp"
#include "scheduler/job_text.hpp"

namespace tango::api {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using model::Submission;

// What is wrong with a job, in sentences.
using Problems = std::vector<std::string>;

// A name is in each line of the job's trace.
constexpr std::size_t kNameBytesMax = 1024;

bool hasControlCharacter(const std::string& text) {
  return std::any_of(text.begin(), text.end(), base::isControl);
}

void note(Problems& problems, const Result<void>& result) {
  if (!result) {
    problems.push_back(result.error().message());
  }
}

void checkFiles(const Submission& submission, Problems& problems) {
  std::vector<std::string> names;
  for (const model::SubmittedFile& file : submission.files) {
    if (file.sha256.empty()) {
      note(problems, base::checkComponent(file.local_file, "files.localFile"));
    }
    note(problems, base::checkComponent(file.dest_file, "files.destFile"));
    names.push_back(file.dest_file);
  }
  if (std::find(names.begin(), names.end(), "Makefile") == names.end()) {
    problems.emplace_back("Missing Makefile in input files.");
  }
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end()) {
    problems.push_back("files.destFile: two files are called " + *twice);
  }
}

void checkName(const std::string& name, const std::string& field, Problems& problems) {
  if (name.empty()) {
    problems.push_back("Missing " + field);
  } else if (hasControlCharacter(name)) {
    problems.push_back(field + " has a control character in it");
  } else if (name.size() > kNameBytesMax) {
    problems.push_back(field + " is longer than " + std::to_string(kNameBytesMax) + " bytes");
  }
}

void checkForm(const Submission& submission, Problems& problems) {
  checkName(submission.name, "job.name", problems);
  note(problems, base::checkComponent(submission.output_file, "output_file"));
  checkFiles(submission, problems);
}

// It goes into a header of ours, and so it is not to have anything in it that could end one.
bool isAccessKeyId(const std::string& text) {
  constexpr std::size_t kBytesMax = 128;
  return text.size() <= kBytesMax && std::all_of(text.begin(), text.end(), [](char c) {
           return (base::lower(c) >= 'a' && base::lower(c) <= 'z') || (c >= '0' && c <= '9') ||
                  c == '_';
         });
}

// What is wrong is not quoted: it may be a secret in the wrong place.
void checkAccount(const Submission& submission, Problems& problems) {
  constexpr std::size_t kBytesMax = 256;
  const std::string& key = submission.access_key;
  if (submission.access_key_id.empty() != key.empty()) {
    problems.push_back("Missing " + std::string(key.empty() ? "accessKey" : "accessKeyId") +
                       ": accessKeyId and accessKey go together");
  }
  if (!isAccessKeyId(submission.access_key_id)) {
    problems.emplace_back("accessKeyId is not 1 to 128 letters, digits and '_'");
  }
  if (key.size() > kBytesMax || hasControlCharacter(key)) {
    problems.emplace_back("accessKey is not 1 to 256 bytes without control characters");
  }
}

// An account counts where VMs are made in one; everywhere else it is as if there were none.
void placeAccount(const Service& service, Submission& submission) {
  const vmms::Backend* backend = service.registry.find(submission.vmms);
  if (backend == nullptr || !backend->takes_accounts) {
    submission.access_key_id.clear();
    submission.access_key.clear();
  }
  submission.machine.account = {submission.access_key_id, submission.access_key};
}

model::Job jobOf(const Submission& submission) {
  model::Job job;
  job.name = submission.name;
  job.machine = submission.machine;
  job.limits = submission.limits;
  return job;
}

awaitable<void> checkPlace(const Service& service, const Submission& submission,
                           Problems& problems) {
  const std::size_t before = problems.size();
  checkName(submission.machine.image, "job.vm.image", problems);
  if (problems.size() > before) {
    co_return;
  }
  const vmms::Backend* backend = service.registry.find(submission.vmms);
  if (backend == nullptr) {
    problems.push_back("there is no VMMS '" + submission.vmms + "'");
    co_return;
  }
  if (backend->images != nullptr) {
    const Result<void> found = co_await backend->images->findImage(submission.machine.image);
    if (vmms::isMissing(found)) {
      problems.push_back("Image not found: " + submission.machine.image);
    }
  }
  note(problems, service.pools.checkFits({submission.vmms, submission.machine}));
}

awaitable<Problems> problemsOf(const Service& service, const Submission& submission) {
  Problems problems;
  checkForm(submission, problems);
  checkAccount(submission, problems);
  co_await checkPlace(service, submission, problems);
  note(problems, model::checkCaps(jobOf(submission), service.config.caps));
  if (!submission.callback_url.empty()) {
    note(problems,
         notify::checkCallbackUrl(submission.callback_url, service.config.callbacks.allowed_hosts));
  }
  co_return problems;
}

awaitable<Result<Acceptance>> reject(const Service& service, Submission submission,
                                     Problems problems) {
  // One of a courselab that is not there is no job at all.
  const Result<void> lab = co_await service.store.findCourselab(submission.courselab);
  if (!lab) {
    co_return lab.error();
  }
  const auto now = base::secondsOf(service.now());
  RejectedJob rejected;
  for (const std::string& problem : problems) {
    rejected.trace.push_back(scheduler::traceLine(now, "validateJob: " + problem));
  }
  rejected.trace.push_back(scheduler::traceLine(
      now, "validateJob: Job rejected: " + std::to_string(problems.size()) + " errors"));
  const Result<std::int64_t> id =
      co_await service.store.addRejectedJob(std::move(submission), rejected.trace, service.now());
  if (!id) {
    co_return id.error();
  }
  rejected.id = *id;
  service.scheduler.refused(*id);
  co_return Acceptance{std::nullopt, std::move(rejected)};
}

}  // namespace

awaitable<Result<Acceptance>> acceptJob(const Service& service, Submission submission) {
  submission.vmms = service.registry.vmmsFor(submission.vmms, submission.machine.image);
  placeAccount(service, submission);
  Problems problems = co_await problemsOf(service, submission);
  if (!problems.empty()) {
    Result<Acceptance> rejected =
        co_await reject(service, std::move(submission), std::move(problems));
    co_return rejected;
  }
  store::AddOptions options;
  options.now = service.now();
  options.same_job_window = service.config.same_job_window;
  options.unended_jobs_max = service.config.queued_jobs_max;
  options.first_trace_line =
      scheduler::traceLine(base::secondsOf(options.now), "Added job %NAME%:%ID% to queue");
  const Result<store::AddedJob> added =
      co_await service.scheduler.add(std::move(submission), std::move(options));
  if (!added) {
    co_return added.error();
  }
  co_return Acceptance{AcceptedJob{added->id, added->repeated, added->record}, std::nullopt};
}

}  // namespace tango::api
