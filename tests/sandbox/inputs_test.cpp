// A job's files arrive as they were sent.
#include <doctest/doctest.h>

#include "sandbox/background_job.hpp"
#include "sandbox/scripts.hpp"
#include "support/run_on.hpp"

namespace tango {
namespace {

using base::ErrorKind;
using test::BackgroundJob;
using test::bodyOf;
using test::JobResult;
using test::runWith;
using test::SandboxJobs;

TEST_CASE("an input's execute bit is kept, and only that") {
  SandboxJobs jobs;
  BackgroundJob job(jobs,
                    {{"Makefile", "all:\n\t@./run; stat -c '%a %n' run plain\n"},
                     {"run", "#!/bin/sh\necho it runs\n"},
                     {"plain", ""}},
                    {}, SandboxJobs::hostSpec(), "run");
  REQUIRE(test::failureOf(job.outcome()) == "");
  CHECK(job.output() == "it runs\n755 run\n644 plain\n");
}

TEST_CASE("file names with blanks, quotes, line ends, UTF-8, wild bytes or a leading dash arrive") {
  SandboxJobs jobs;
  const std::vector<std::string> names = {
      " a b ", "-rf", "'\"$x`", "a\nb", "d\xff\xfe", "ü", "~", "...", std::string(255, 'n')};
  std::map<std::string, std::string> files;
  for (const std::string& name : names) {
    files[name] = "<" + name + ">";
  }
  const JobResult job = runWith(jobs,
                                "for f in ./* ./.?*; do case $f in ./..|./Makefile|./script)"
                                " ;; *) cat \"$f\"; esac; done",
                                files);
  const std::string body = bodyOf(job);
  for (const std::string& name : names) {
    CHECK_MESSAGE(test::contains(body, "<" + name + ">"), name);
  }
}

TEST_CASE("a name that is not one path component is refused") {
  SandboxJobs jobs;
  for (const char* name : {"../evil", "a/b", "/etc/passwd", "..", ".", ""}) {
    BackgroundJob job(jobs, {{name, "evil"}});
    REQUIRE_FALSE_MESSAGE(job.outcome().ok(), name);
    CHECK(job.outcome().error().kind() == ErrorKind::kInvalid);
  }
}

TEST_CASE("an input of 20 MB arrives whole") {
  SandboxJobs jobs;
  std::string big(20'000'000, '\0');
  std::uint64_t state = 1;
  for (char& byte : big) {
    state = state * 6364136223846793005 + 1442695040888963407;
    byte = static_cast<char>(state >> 56);
  }
  const test::TempFolder folder;
  const std::string path = folder.write("big", big);
  const JobResult job = jobs.run({{"Makefile",
                                   "all:\n\t@wc -c <big; tail -c 5 big | od -An -tx1; "
                                   "cksum <big\n"},
                                  {"big", big}});
  FILE* const sum = ::popen(
      ("wc -c <" + path + "; tail -c 5 " + path + " | od -An -tx1; cksum <" + path).c_str(), "r");
  std::string expected(200, '\0');
  expected.resize(std::fread(expected.data(), 1, expected.size(), sum));
  ::pclose(sum);
  CHECK(bodyOf(job) == expected);
}

TEST_CASE("many small inputs arrive, more than a process may have open") {
  SandboxJobs jobs;
  std::map<std::string, std::string> files;
  for (int i = 0; i < 1500; ++i) {
    files["file" + std::to_string(i)] = std::to_string(i);
  }
  CHECK(bodyOf(runWith(jobs, "cat file* | wc -c; ls | wc -l", files)) == "4890\n1502\n");
}

TEST_CASE("inputs that do not fit on the disk are too large, and the next job is none the worse") {
  SandboxJobs jobs;
  model::MachineSpec spec = SandboxJobs::hostSpec();
  spec.disk_bytes = 2 * model::kMiB;
  const JobResult job =
      jobs.run({{"Makefile", ""}, {"big", std::string(3'000'000, 'x')}}, {}, spec);
  REQUIRE_FALSE(job.outcome.ok());
  CHECK(job.outcome.error().kind() == ErrorKind::kTooLarge);
  CHECK(bodyOf(jobs.runScript("echo next", {}, spec)) == "next\n");
}

TEST_CASE("inputs larger than the job's memory are too large, too") {
  SandboxJobs jobs;
  model::MachineSpec spec = SandboxJobs::hostSpec();
  spec.memory_bytes = 16 * model::kMiB;
  const JobResult job =
      jobs.run({{"Makefile", ""}, {"big", std::string(40'000'000, 'x')}}, {}, spec);
  REQUIRE_FALSE(job.outcome.ok());
  CHECK_MESSAGE(job.outcome.error().kind() == ErrorKind::kTooLarge, job.outcome.error().message());
}

// The service does not wait for a few small ones to be copied before it asks for the run.
TEST_CASE("where an input cannot be read, make does not run") {
  SandboxJobs jobs;
  const test::TempFolder folder;
  const model::InputFiles files = {
      {folder.write("Makefile", "all:\n\t@echo it runs\n"), "Makefile"},
      {"/proc/self/mem", "unreadable"}};
  const auto on = [&jobs](auto call) { return test::runOn(jobs.context(), std::move(call)); };
  vmms::SandboxVmms& vmms = jobs.vmms();
  const auto vm = on(vmms.initializeVM({"test", 1, "host"}, SandboxJobs::hostSpec()));
  REQUIRE(vm.ok());
  REQUIRE(on(vmms.waitVM(*vm, base::after(base::Millis(10'000)))).ok());
  std::string output;
  REQUIRE(vmms.onOutput(*vm, [&output](std::string_view bytes) { output += bytes; }).ok());
  base::Result<void> copied = on(vmms.copyIn(*vm, files));
  if (copied) {
    const auto outcome = on(vmms.runJob(*vm, {}));
    copied = outcome ? base::Result<void>() : outcome.error();
  }
  REQUIRE_FALSE(copied.ok());
  CHECK_MESSAGE(test::contains(copied.error().message(), "unreadable"), copied.error().message());
  CHECK(output == "");
  CHECK(on(vmms.destroyVM(*vm)).ok());
  CHECK(bodyOf(jobs.runScript("echo next")) == "next\n");
}

TEST_CASE("what the service's user alone may read can be an input") {
  SandboxJobs jobs;
  BackgroundJob job(
      jobs, {{"Makefile", "all:\n\t@stat -c %U:%a secret; cat secret\n"}, {"secret", "inside\n"}},
      {}, SandboxJobs::hostSpec(), "secret");
  REQUIRE(test::failureOf(job.outcome()) == "");
  CHECK(job.output() == "autograde:755\ninside\n");
}

}  // namespace
}  // namespace tango
