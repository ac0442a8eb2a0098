#include <chrono>
#include <string>

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>

#include "api/wire/job_json.hpp"

namespace tango::api::wire {
namespace {

using namespace std::chrono_literals;
using base::Result;
using model::Submission;

/// A good body but for `more`, which is put before its end.
std::string bodyWith(const std::string& more = "", const std::string& timeout = "10") {
  return R"({"image":"img","jobName":"j","output_file":"out","timeout":)" + timeout +
         R"(,"files":[{"localFile":"a","destFile":"Makefile"}])" + more + "}";
}

Result<Submission> read(const std::string& body, const config::ServiceConfig& config = {}) {
  return submissionFromJson(body, "lab", config);
}

Submission good(const std::string& body, const config::ServiceConfig& config = {}) {
  Result<Submission> read_it = read(body, config);
  REQUIRE_MESSAGE(read_it.ok(), (read_it ? "" : read_it.error().message()));
  return *std::move(read_it);
}

std::string refusal(const std::string& body) {
  const Result<Submission> read_it = read(body);
  return read_it ? "" : read_it.error().message();
}

TEST_CASE("a body becomes a submission, and what it does not say is as configured") {
  config::ServiceConfig config;
  config.limits.processes = 7;
  config.machine.memory_bytes = 5 * model::kMiB;
  const Submission job = good(bodyWith(R"(,"callback_url":"http://x/","accessKeyId":"i",)"
                                       R"("accessKey":"k","vmms":"docker","unheard":[{}])"),
                              config);
  CHECK(job.courselab == "lab");
  CHECK(job.name == "j");
  CHECK(job.vmms == "docker");
  CHECK(job.machine.image == "img");
  CHECK(job.machine.memory_bytes == 5 * model::kMiB);
  CHECK(job.limits.wall_time == 10s);
  CHECK(job.limits.processes == 7);
  CHECK(job.files == std::vector<model::SubmittedFile>{{"a", "Makefile", ""}});
  CHECK(job.output_file == "out");
  CHECK(job.callback_url == "http://x/");
  CHECK(job.access_key_id == "i");
  CHECK(job.access_key == "k");
}

TEST_CASE("a timeout of nothing is the default, and fractions are rounded up") {
  for (const char* none : {"0", "-1", "null", "-1e300", "0.0"}) {
    CAPTURE(none);
    CHECK(good(bodyWith("", none)).limits.wall_time == 60s);
  }
  CHECK(good(bodyWith("", "0.25")).limits.wall_time == 250ms);
  CHECK(good(bodyWith("", "1e-9")).limits.wall_time == 1ms);
  CHECK(good(bodyWith("", "1000000000")).limits.wall_time == 1'000'000'000s);
}

TEST_CASE("max_kb counts kibibytes") {
  CHECK(good(bodyWith()).limits.output_bytes == 1'024'000);
  CHECK(good(bodyWith(R"(,"max_kb":0)")).limits.output_bytes == 1'024'000);
  CHECK(good(bodyWith(R"(,"max_kb":3)")).limits.output_bytes == 3 * 1024);
}

TEST_CASE("a job has the network only where it is given and not refused") {
  config::ServiceConfig giving;
  giving.machine.network = true;
  CHECK_FALSE(good(bodyWith(R"(,"disable_network":false)")).machine.network);
  CHECK(good(bodyWith(), giving).machine.network);
  CHECK(good(bodyWith(R"(,"disable_network":"true")"), giving).machine.network);
  CHECK(good(bodyWith(R"(,"disable_network":1)"), giving).machine.network);
  CHECK_FALSE(good(bodyWith(R"(,"disable_network":true)"), giving).machine.network);
  giving.caps.network = false;
  CHECK_FALSE(good(bodyWith(), giving).machine.network);
}

TEST_CASE("a field that is wrong is named") {
  CHECK(refusal("{}") == "jobName is missing");
  CHECK(refusal(bodyWith("", R"("10")")) == "timeout is not a number");
  CHECK(refusal(bodyWith("", "1e99")).starts_with("timeout is too large"));
  CHECK(refusal(bodyWith("", "18446744073709551615")).starts_with("timeout is too large"));
  CHECK(refusal(bodyWith(R"(,"max_kb":1e9)")).starts_with("max_kb is too large"));
  CHECK(refusal(bodyWith(R"(,"callback_url":1)")) == "callback_url is not a string");
  const std::string head = R"({"image":"i","jobName":"j","output_file":"o","timeout":1)";
  CHECK(refusal(head + "}") == "files is missing");
  CHECK(refusal(head + R"(,"files":{}})") == "files is not a list");
  CHECK(refusal(head + R"(,"files":[1]})") == "files[0] is not an object");
  CHECK(refusal(head + R"(,"files":[{"localFile":"a","destFile":"b"},{"localFile":"a"}]})") ==
        "files[1].destFile is missing");
  CHECK(refusal(R"({"image":"i","jobName":"j","output_file":"o","files":[]})") ==
        "timeout is missing");
}

model::JobRecord record() {
  model::JobRecord job;
  job.id = 12;
  job.submission = good(bodyWith("", "1.5"));
  job.submission.vmms = "sandbox";
  job.trace = {"DATE|Added job j:12 to queue", "DATE|bytes \xff"};
  return job;
}

TEST_CASE("a job is written with the fields that clients know, in their order") {
  model::MachineSpec usual;
  CHECK(jobJson(record(), usual) ==
        R"({"retries":0,"outputFile":"courselabs/lab/output/out","name":"j","notifyURL":null,)"
        R"("maxOutputFileSize":1024000,"assigned":false,"timeout":2,"id":12,)"
        R"("trace":["DATE|Added job j:12 to queue","DATE|bytes )"
        "\xef\xbf\xbd"
        R"("],"vm":{"network":null,"resume":null,"image":"img","memory":null,"vmms":"sandbox",)"
        R"("cores":null,"disk":null,"id":null,"name":"img"},)"
        R"("input":[{"destFile":"Makefile","localFile":"courselabs/lab/a"}]})");
}

TEST_CASE("what a job has of its own is shown") {
  model::JobRecord job = record();
  job.state = model::JobState::kRunning;
  job.vm_id = 1003;
  job.retries = 1;
  job.submission.callback_url = "http://x/";
  job.submission.machine.memory_bytes = 96 * model::kMiB;
  job.submission.machine.cpu_millis = 1500;
  job.submission.access_key = "secret";
  const std::string text = jobJson(job, {});
  const boost::json::value found = boost::json::parse(text);
  CHECK(found.at("assigned").as_bool());
  CHECK(found.at("retries") == 1);
  CHECK(found.at("notifyURL") == "http://x/");
  CHECK(found.at("vm").at("id") == 1003);
  CHECK(found.at("vm").at("memory") == 96);
  CHECK(found.at("vm").at("cores") == 2);
  CHECK(text.find("secret") == std::string::npos);
}

}  // namespace
}  // namespace tango::api::wire
