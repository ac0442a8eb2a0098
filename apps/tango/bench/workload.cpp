#include "tango/bench/workload.hpp"

#include <algorithm>
#include <utility>

#include <boost/json/serialize.hpp>

#include "tango/client/answer_fields.hpp"
#include "tango/client/job_answer.hpp"
#include "tango/client/submission.hpp"

namespace tango::bench {
namespace {

using base::Error;
using base::ErrorKind;
using boost::json::object;

// Of an output in an error.
constexpr std::size_t kShownBytes = 400;

std::string beginningOf(std::string_view output) {
  return std::string(output.substr(0, kShownBytes));
}

}  // namespace

std::string Workload::newRequest() const {
  client::Submission submission;
  submission.name = "bench";
  submission.image = image_;
  submission.courselab = "bench";
  object request = client::jobRequest(submission);
  request["files"] = files_;
  return boost::json::serialize(request);
}

Result<void> Workload::check(const object& job, std::string_view output) const {
  const std::string which = "job " + std::to_string(client::wholeOf(job, "id").value_or(0));
  if (client::textOf(job, "verdict") != "succeeded") {
    return Error(ErrorKind::kInvalid,
                 which + " did not succeed, so there is no speed to measure: " +
                     client::verdictLine(job) + "; it printed: " + beginningOf(output));
  }
  if (output != output_) {
    return Error(ErrorKind::kInvalid, which + " printed something else than a bare make (" +
                                          beginningOf(output_) + "): " + beginningOf(output));
  }
  return {};
}

awaitable<Result<JobRun>> runJob(Lane& lane, const Workload& workload) {
  std::string request = workload.newRequest();
  JobRun run;
  run.begun = base::SteadyClock::now();
  const Result<std::int64_t> id = co_await lane.addJob(std::move(request));
  if (!id) {
    co_return id.error();
  }
  run.id = *id;
  const Result<std::string> output = co_await lane.output(run.id);
  run.ended = base::SteadyClock::now();
  if (!output && output.error().kind() != ErrorKind::kNotFound) {
    co_return output.error();
  }
  const Result<object> job = co_await lane.job(run.id);
  if (!job) {
    co_return job.error();
  }
  const Result<void> right = workload.check(*job, output ? *output : "");
  if (!right) {
    co_return right.error();
  }
  co_return run;
}

}  // namespace tango::bench
