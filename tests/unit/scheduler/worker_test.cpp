#include "scheduler/worker.hpp"

#include <array>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "base/unique_fd.hpp"
#include "pool/direct_source.hpp"
#include "support/run_on.hpp"
#include "support/sim_vmms.hpp"

namespace tango::scheduler {
namespace {

using base::Error;
using base::ErrorKind;
using test::SimAnswer;
using test::SimMethod;

SimAnswer failing(ErrorKind kind) {
  SimAnswer answer;
  answer.error = Error(kind, "fault");
  return answer;
}

// A worker on a SimVmms, its trace and its output file.
struct Bench {
  boost::asio::io_context context;
  test::SimVmms vmms{context.get_executor()};
  std::vector<std::string> trace;
  base::UniqueFd output{::memfd_create("output", MFD_CLOEXEC)};
  pool::DirectSource source{vmms, "local", 1000};
  Worker worker{context.get_executor(),
                vmms,
                source,
                WorkerConfig{},
                WorkerEvents{[this](const std::string& line) { trace.push_back(line); }, {}, {}},
                [] { return std::time_t{0}; }};

  JobRun run() {
    model::Job job;
    job.name = "lab";
    job.id = 7;
    job.machine.image = "img";
    base::Result<JobRun> ended = test::runOn(context, worker.run(job, "sim", 0, output.get()));
    REQUIRE(ended.ok());
    return *std::move(ended);
  }

  [[nodiscard]] std::string written() const {
    std::array<char, 4096> text{};
    const ssize_t size = ::pread(output.get(), text.data(), text.size(), 0);
    return {text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
  }
};

TEST_CASE("a good job leaves the trace and the output file that clients know") {
  ::setenv("TZ", "UTC", 1);
  Bench bench;
  SimAnswer answer;
  answer.output = "hello\n";
  bench.vmms.script().set(SimMethod::kRunJob, 1, answer);
  const JobRun run = bench.run();
  CHECK(run.completed());
  CHECK(bench.trace ==
        std::vector<std::string>{
            "Dispatched job lab:7 [try 0]", "Assigned job lab:7 new VM local-1000-img",
            "Job lab:7 waiting for VM local-1000-img", "VM local-1000-img ready for job lab:7",
            "Input copied for job lab:7 [status=0]", "Job lab:7 executed [status=0]",
            "Output copied for job lab:7 [status=0]", "Success: Autodriver returned normally"});
  CHECK(bench.written() ==
        "Autograder [Thu Jan  1 00:00:00 1970]: Received job lab:7\n"
        "Autograder [Thu Jan  1 00:00:00 1970]: Success: Autodriver returned normally\n"
        "Autograder [Thu Jan  1 00:00:00 1970]: Here is the output from the autograder:\n"
        "---\n"
        "Autodriver: Job exited with status 0\nhello\n");
  CHECK(bench.vmms.machines() == 0);
}

TEST_CASE(
    "a failure of the machinery at any step is tried again on a new VM, and the job succeeds") {
  for (const SimMethod method : {SimMethod::kInitializeVM, SimMethod::kWaitVM, SimMethod::kCopyIn,
                                 SimMethod::kRunJob, SimMethod::kCopyOut}) {
    CAPTURE(nameOf(method));
    Bench bench;
    bench.vmms.script().set(method, 1, failing(ErrorKind::kSystem));
    const JobRun run = bench.run();
    CHECK(run.completed());
    CHECK(run.attempt() == 1);
    CHECK(bench.trace.back() == "Success: Autodriver returned normally");
    CHECK(bench.vmms.machines() == 0);
    CHECK(bench.written().find("Internal error") == std::string::npos);
  }
}

TEST_CASE("a job that the machinery fails three times is an internal error, with its VMs gone") {
  Bench bench;
  for (const int number : {1, 2, 3}) {
    bench.vmms.script().set(SimMethod::kRunJob, number, failing(ErrorKind::kSystem));
  }
  const JobRun run = bench.run();
  CHECK(!run.completed());
  CHECK(bench.trace.back() == "Error: OS error while running job on VM");
  CHECK(bench.written().find("Internal error: Unable to complete job after 2 tries. Please "
                             "resubmit\n") != std::string::npos);
  CHECK(bench.written().find("Job status: waitVM=0 copyIn=0 runJob=3 copyOut=None\n") !=
        std::string::npos);
  CHECK(bench.vmms.machines() == 0);
}

TEST_CASE("a request that is wrong is not tried again") {
  Bench bench;
  bench.vmms.script().set(SimMethod::kCopyIn, 1, failing(ErrorKind::kTooLarge));
  const JobRun run = bench.run();
  CHECK(!run.completed());
  CHECK(bench.vmms.script().count(SimMethod::kInitializeVM) == 1);
  CHECK(bench.written().find("Error: Copy in to VM failed (status=-1)\n") != std::string::npos);
}

TEST_CASE("a job that is cancelled while it runs ends at once, and is not tried again") {
  Bench bench;
  SimAnswer slow;
  slow.delay = base::Millis(60'000);
  bench.vmms.script().set(SimMethod::kRunJob, 1, slow);
  boost::asio::co_spawn(
      bench.context,
      [&bench]() -> boost::asio::awaitable<void> {
        while (bench.vmms.script().count(SimMethod::kRunJob) == 0) {
          co_await boost::asio::post(bench.context, boost::asio::use_awaitable);
        }
        co_await bench.worker.cancel();
      },
      [](const std::exception_ptr& thrown) { CHECK(thrown == nullptr); });
  const JobRun run = bench.run();
  CHECK(run.cancelled());
  CHECK(bench.vmms.script().count(SimMethod::kInitializeVM) == 1);
  CHECK(bench.trace.back() == "Error: Job was cancelled");
  CHECK(bench.vmms.machines() == 0);
}

}  // namespace
}  // namespace tango::scheduler
