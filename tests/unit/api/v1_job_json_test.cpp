#include <string>

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "api/v1/job_json.hpp"
#include "api/v1/limits_json.hpp"
#include "api/v1/output_head.hpp"
#include "api/v1/problem.hpp"
#include "api/v1/query_fields.hpp"

namespace tango::api::v1 {
namespace {

model::JobRecord endedJob() {
  model::JobRecord job;
  job.id = 7;
  job.submission.courselab = "lab";
  job.submission.name = "hello";
  job.submission.vmms = "sandbox";
  job.submission.machine.image = "host";
  job.submission.limits.wall_time = std::chrono::milliseconds(1500);
  job.submission.files = {{"", "Makefile", "ab"}, {"b.c", "a.c", ""}};
  job.submission.output_file = "hello.out";
  job.submission.callback_url = "https://autolab/cb?key=SECRET#SECRET";
  job.submission.access_key_id = "SECRET";
  job.submission.access_key = "SECRET";
  job.state = model::JobState::kEnded;
  job.verdict = model::Verdict::kLimit;
  job.verdict_text = "stopped";
  job.vm_name = "local-1000-host";
  job.times = {1'000'000'000'001, 1'000'000'000'101, 1'000'000'000'301,
               1'000'000'000'701, 1'000'000'001'701, 1'000'000'001'702};
  job.phases.queued = std::chrono::microseconds(100'000);
  job.phases.vm_wait = std::chrono::microseconds(250);
  job.phases.copy_in = std::chrono::microseconds(400);
  job.phases.run = std::chrono::microseconds(1'000'500);
  job.phases.publish = std::chrono::microseconds(1'000);
  model::RunOutcome outcome;
  outcome.signal = 9;
  outcome.ended_by = model::Limit::kWallTime;
  outcome.usage.wall_time = std::chrono::microseconds(1'500'000);
  outcome.usage.processes_peak = 3;
  job.outcome = outcome;
  job.output_bytes = 12;
  job.trace = {"a|b", "bytes \xFF"};
  return job;
}

TEST_CASE("an ended job is shown with all that is known of it") {
  const boost::json::object job = jobJson(endedJob(), std::nullopt);
  CHECK(job.at("state") == "ended");
  CHECK(job.at("verdict") == "limit");
  CHECK(job.at("rank").is_null());
  CHECK(job.at("output_bytes") == 12);
  CHECK(job.at("outcome") == boost::json::parse(R"({"exit_status":null,"signal":9,
      "ended_by":"wall_time","output_elided":false,"oom_kills":0})"));
  CHECK(job.at("usage").at("wall_seconds").to_number<double>() == 1.5);
  CHECK(job.at("usage").at("user_seconds").is_null());
  CHECK(job.at("usage").at("processes_peak") == 3);
  CHECK(job.at("times").at("added") == "2001-09-09T01:46:40.001Z");
  CHECK(job.at("phases") == boost::json::parse(R"({"queued_ms":100.0,"vm_ms":0.25,
      "copy_in_ms":0.4,"run_ms":1000.5,"copy_out_ms":null,"publish_ms":1.0})"));
  CHECK(job.at("limits").at("timeout_seconds").to_number<double>() == 1.5);
  CHECK(job.at("files").at(1) == boost::json::parse(R"({"name":"a.c","sha256":null,
      "local_file":"b.c"})"));
  CHECK(job.at("trace").at(1) == "bytes \xEF\xBF\xBD");
}

TEST_CASE("a waiting job has nothing that is not known yet") {
  model::JobRecord waiting;
  waiting.id = 1;
  waiting.times.added = 1;
  const boost::json::object job = jobJson(waiting, 3);
  CHECK(job.at("state") == "queued");
  CHECK(job.at("rank") == 3);
  for (const char* unknown :
       {"verdict", "verdict_text", "outcome", "usage", "vm", "output_bytes", "callback_url"}) {
    CAPTURE(unknown);
    CHECK(job.at(unknown).is_null());
  }
  CHECK(job.at("times").at("ended").is_null());
  CHECK(job.at("phases").at("queued_ms").is_null());
}

TEST_CASE("no secret is shown") {
  CHECK(boost::json::serialize(jobJson(endedJob(), std::nullopt)).find("SECRET") ==
        std::string::npos);
  store::Callback callback;
  callback.url = "https://autolab/cb?key=SECRET";
  callback.last_error = "POST https://autolab/cb?key=SECRET: 500";
  const boost::json::object shown = callbackJson(callback);
  CHECK(shown.at("url") == "https://autolab/cb");
  CHECK(shown.at("last_error") == "POST https://autolab/cb: 500");
}

TEST_CASE("numbers are whole where they can be") {
  CHECK(boost::json::serialize(quotientJson(60'000, 1000)) == "60");
  CHECK(quotientJson(1500, 1000).get_double() == 1.5);
}

TEST_CASE("the head of an output is found") {
  const std::string head =
      "Autograder [now]: Received job a:1\nAutograder [now]: Success: Autodriver returned "
      "normally\nAutograder [now]: Here is the output from the autograder:\n---\n"
      "Autodriver: Job exited with status 0\n";
  CHECK(outputHeadBytes(head + "Autograder [x\n---\n") == head.size());
  CHECK(outputHeadBytes(head) == head.size());
  const std::string unrun = "Autograder [now]: Received job a:1\nAutograder [now]: Error: x\n";
  CHECK(outputHeadBytes(unrun) == unrun.size());
  const std::string failed = unrun + "Autograder [now]: Here is the output:\n---\n";
  CHECK(outputHeadBytes(failed) == failed.size());
  CHECK(outputHeadBytes("") == 0);
  CHECK(outputHeadBytes("---\n") == 0);
}

TEST_CASE("a problem is an RFC 9457 object, and its text is UTF-8") {
  Problem problem = badField("files[0].name", "not \xFF good");
  problem.job_id = 5;
  problem.reasons = {"one"};
  const http::Response response = answer(problem);
  CHECK(response.status == 400);
  CHECK(response.content_type == "application/problem+json");
  CHECK(boost::json::parse(response.body) == boost::json::parse(R"({"type":"about:blank",
      "title":"Bad Request","status":400,"detail":"not \ufffd good","field":"files[0].name",
      "job_id":5,"reasons":["one"]})"));
}

TEST_CASE("what failed inside is not told to clients") {
  const Problem problem = problemOf({base::ErrorKind::kSystem, "open /etc/secret: EIO"});
  CHECK(problem.status == 500);
  CHECK(problem.detail.find("secret") == std::string::npos);
  CHECK(problemOf({base::ErrorKind::kNotFound, "no job 5"}).status == 404);
}

TEST_CASE("a query string is read strictly") {
  QueryFields good("wait=5&courselab=a+b%2Fc");
  CHECK(good.whole("wait", 0, 60) == 5);
  CHECK(good.text("courselab") == "a b/c");
  CHECK_FALSE(good.text("other"));
  CHECK_FALSE(good.finish());
  CHECK_FALSE(QueryFields("").finish());
  for (const char* bad :
       {"wait=61", "wait=-1", "wait=", "wait", "wait=1&wait=2", "wait=1.5", "wait=0x5", "wait= 5",
        "x=1", "wait=%zz", "wait=%FF", "=1", "&", "wait=99999999999999999999"}) {
    CAPTURE(bad);
    QueryFields query(bad);
    static_cast<void>(query.whole("wait", 0, 60));
    CHECK(query.finish());
  }
}

}  // namespace
}  // namespace tango::api::v1
