#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "api/v1/job_request.hpp"
#include "api/v1/json_fields.hpp"

namespace tango::api::v1 {
namespace {

const std::string kSha(64, 'a');

OrProblem<model::Submission> read(const std::string& text, bool files_needed = false) {
  OrProblem<boost::json::value> document = parseObject(text);
  if (auto* problem = std::get_if<Problem>(&document)) {
    return *problem;
  }
  return readJobRequest(std::get<boost::json::value>(document), config::ServiceConfig{},
                        files_needed);
}

/// A request that is good but for `member`: "\"key\": value".
std::string with(const std::string& member) {
  boost::json::value request = boost::json::parse(R"({"name":"j","image":"host"})");
  const boost::json::value more = boost::json::parse("{" + member + "}");
  for (const auto& field : more.get_object()) {
    request.get_object()[field.key()] = field.value();
  }
  return boost::json::serialize(request);
}

Problem problemOfRequest(const std::string& text, bool files_needed = false) {
  OrProblem<model::Submission> result = read(text, files_needed);
  REQUIRE(std::holds_alternative<Problem>(result));
  return std::get<Problem>(result);
}

TEST_CASE("what is left out is as the service is configured") {
  const auto submission = std::get<model::Submission>(read(R"({"name":"j","image":"host"})"));
  CHECK(submission.courselab == "default");
  CHECK(submission.vmms.empty());
  CHECK(submission.output_file.empty());
  CHECK(submission.limits.wall_time == model::RunLimits{}.wall_time);
  CHECK(submission.machine.memory_bytes == model::MachineSpec{}.memory_bytes);
  CHECK(submission.machine.image == "host");
}

TEST_CASE("every field of a request is read") {
  const auto job = std::get<model::Submission>(read(
      R"({"courselab":"lab","name":"j","image":"i","vmms":"v","output_file":"o",
          "callback_url":"http://x/","files":[{"name":"Makefile","sha256":")" +
      kSha + R"("},{"name":"a.c","local_file":"b.c"}],
          "limits":{"timeout_seconds":1.5,"cpu_seconds":0,"processes":5,"file_size_bytes":6,
                    "output_bytes":7,"open_files":8},
          "machine":{"cpus":1.5,"memory_bytes":1e9,"disk_bytes":3,"inodes":4,"network":true}})"));
  CHECK(job.courselab == "lab");
  CHECK(job.vmms == "v");
  CHECK(job.output_file == "o");
  CHECK(job.callback_url == "http://x/");
  CHECK(job.files == std::vector<model::SubmittedFile>{{"", "Makefile", kSha}, {"b.c", "a.c", ""}});
  CHECK(job.limits.wall_time == std::chrono::milliseconds(1500));
  CHECK(job.limits.cpu_time == std::chrono::milliseconds(0));
  CHECK(job.limits.processes == 5);
  CHECK(job.limits.file_size_bytes == 6);
  CHECK(job.limits.output_bytes == 7);
  CHECK(job.limits.open_files == 8);
  CHECK(job.machine.cpu_millis == 1500);
  CHECK(job.machine.memory_bytes == 1'000'000'000);
  CHECK(job.machine.disk_bytes == 3);
  CHECK(job.machine.disk_inodes == 4);
  CHECK(job.machine.network);
}

TEST_CASE("a little is never rounded to nothing, which would mean no limit") {
  const auto job = std::get<model::Submission>(read(
      with(R"("limits":{"timeout_seconds":1e-9,"cpu_seconds":1e-9},"machine":{"cpus":1e-9})")));
  CHECK(job.limits.wall_time == std::chrono::milliseconds(1));
  CHECK(job.limits.cpu_time == std::chrono::milliseconds(1));
  CHECK(job.machine.cpu_millis == 1);
}

TEST_CASE("the field that is wrong is named") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"("courselab":5)", "courselab"},
      {R"("courselab":"a/b")", "courselab"},
      {R"("courselab":"..")", "courselab"},
      {R"("courselab":"a\u0000b")", "courselab"},
      {R"("name":"")", "name"},
      {R"("name":null)", "name"},
      {R"("name":["j"])", "name"},
      {R"("image":{})", "image"},
      {R"("image":"a\u0000")", "image"},
      {R"("vmms":"")", "vmms"},
      {R"("vmms":true)", "vmms"},
      {R"("files":{})", "files"},
      {R"("files":[5])", "files[0]"},
      {R"("files":[{}])", "files[0].name"},
      {R"("files":[{"name":"a/b","local_file":"a"}])", "files[0].name"},
      {R"("files":[{"name":"a","local_file":"../a"}])", "files[0].local_file"},
      {R"("files":[{"name":"a"}])", "files[0]"},
      {R"("files":[{"name":"a","local_file":"a"},{"name":"b","sha256":"xyz"}])", "files[1].sha256"},
      {R"("files":[{"name":"a","local_file":"a","sha256":")" + kSha + R"("}])", "files[0]"},
      {R"("files":[{"name":"a","local_file":"a","mode":1}])", "files[0].mode"},
      {R"("output_file":"a/b")", "output_file"},
      {R"("output_file":1)", "output_file"},
      {R"("limits":[])", "limits"},
      {R"("limits":null)", "limits"},
      {R"("limits":{"timeout_seconds":"5"})", "limits.timeout_seconds"},
      {R"("limits":{"timeout_seconds":0})", "limits.timeout_seconds"},
      {R"("limits":{"timeout_seconds":-1})", "limits.timeout_seconds"},
      {R"("limits":{"timeout_seconds":1e300})", "limits.timeout_seconds"},
      {R"("limits":{"cpu_seconds":-0.5})", "limits.cpu_seconds"},
      {R"("limits":{"processes":0})", "limits.processes"},
      {R"("limits":{"processes":1.5})", "limits.processes"},
      {R"("limits":{"processes":-3})", "limits.processes"},
      {R"("limits":{"file_size_bytes":99999999999999999999})", "limits.file_size_bytes"},
      {R"("limits":{"output_bytes":18446744073709551615})", "limits.output_bytes"},
      {R"("limits":{"open_files":true})", "limits.open_files"},
      {R"("limits":{"timeout":5})", "limits.timeout"},
      {R"("machine":5)", "machine"},
      {R"("machine":{"cpus":-1})", "machine.cpus"},
      {R"("machine":{"memory_bytes":"1G"})", "machine.memory_bytes"},
      {R"("machine":{"disk_bytes":0})", "machine.disk_bytes"},
      {R"("machine":{"inodes":[]})", "machine.inodes"},
      {R"("machine":{"network":"yes"})", "machine.network"},
      {R"("machine":{"image":"x"})", "machine.image"},
      {R"("callback_url":7)", "callback_url"},
      {R"("callback_url":"")", "callback_url"},
      {R"("jobName":"x")", "jobName"},
      {R"("access_key":"secret")", "access_key"}};
  for (const auto& [member, field] : cases) {
    CAPTURE(member);
    const Problem problem = problemOfRequest(with(member));
    CHECK(problem.status == 400);
    CHECK(problem.field == field);
    CHECK(problem.detail.find(field) != std::string::npos);
  }
  CHECK(problemOfRequest(with(R"("limits":{"timeout_seconds":"5"})")).detail ==
        "limits.timeout_seconds must be a number");
}

TEST_CASE("the name, the image, and without a form the files have to be there") {
  CHECK(problemOfRequest(R"({"image":"host"})").field == "name");
  CHECK(problemOfRequest(R"({"name":"j"})").field == "image");
  CHECK(problemOfRequest(R"({"name":"j","image":"host"})", true).field == "files");
}

TEST_CASE("too many files and too long texts are refused") {
  std::string files = "\"files\":[";
  for (std::size_t at = 0; at <= kJobFilesMax; ++at) {
    files += (at > 0 ? "," : "") + std::string(R"({"name":"a","local_file":"a"})");
  }
  CHECK(problemOfRequest(with(files + "]")).field == "files");
  CHECK(problemOfRequest(with("\"name\":\"" + std::string(256, 'x') + "\"")).field == "name");
  CHECK(problemOfRequest(with("\"courselab\":\"" + std::string(256, 'x') + "\"")).field ==
        "courselab");
}

TEST_CASE("what is no JSON object is refused") {
  for (const std::string& bad : std::vector<std::string>{
           "", "{", "null", "[]", "5", "{} {}", "{\"name\":\"\xFF\"}", "{'name':1}",
           std::string(100'000, '['), R"({"name":"\ud800"})", "{\"a\":NaN}"}) {
    CHECK(problemOfRequest(bad).status == 400);
  }
  std::string deep = "{\"a\":";
  for (int depth = 0; depth < 1000; ++depth) {
    deep += "{\"a\":";
  }
  CHECK(problemOfRequest(deep).detail.find("not JSON") != std::string::npos);
}

TEST_CASE("an output file is named after its job, as one component") {
  CHECK(outputFileFor("job", "12ab") == "job-12ab.out");
  CHECK(outputFileFor("a/b\tc", "1") == "a_b_c-1.out");
  CHECK(outputFileFor("", "1") == "-1.out");
  std::string accents;
  for (int count = 0; count < 127; ++count) {
    accents += "\xC3\xA9";
  }
  CHECK(outputFileFor("x" + accents, "1").size() == 199 + 6);
  CHECK(outputFileFor(accents, "1").size() == 200 + 6);
}

}  // namespace
}  // namespace tango::api::v1
