// What the job's program does is an outcome, and never an Error.
#include "base/clock.hpp"
#include "conformance/vmms/trial.hpp"

namespace tango::test {
namespace {

TEST_CASE_FIXTURE(Trial, "a job that succeeds has exit status 0 and no limit ended it") {
  const RanJob ran = scriptJob("exit 0");
  CHECK(ran.outcome.exit_status == 0);
  CHECK(ran.outcome.signal == std::nullopt);
  CHECK(endedBy(ran) == "no limit");
  CHECK(ran.outcome.oom_kills == 0);
  CHECK_FALSE(ran.outcome.output_elided);
}

TEST_CASE_FIXTURE(Trial, "a job whose recipe fails has make's exit status 2") {
  const RanJob ran = scriptJob("exit 1");
  CHECK(ran.outcome.exit_status == 2);
  CHECK(endedBy(ran) == "no limit");
  CHECK(ran.line == "Autodriver: Job exited with status 2");
}

TEST_CASE_FIXTURE(Trial, "make's exit status 1 comes through") {
  const RanJob ran = job({file("Makefile", "MAKEFLAGS += -q\nall:\n\t@true\n")});
  CHECK(ran.outcome.exit_status == 1);
  CHECK(ran.line == "Autodriver: Job exited with status 1");
}

TEST_CASE_FIXTURE(Trial, "a job that kills its make ends by that signal") {
  const RanJob ran = scriptJob("kill -9 $PPID; sleep 10");
  CHECK(ran.outcome.exit_status == std::nullopt);
  CHECK(ran.outcome.signal == 9);
  CHECK(ran.line == "Autodriver: Job ended by signal 9");
  CHECK_FALSE(ran.outcome.succeeded());
}

TEST_CASE_FIXTURE(Trial, "a recipe that dies by a signal is make's to tell") {
  const RanJob ran = scriptJob("kill -11 $$");
  CHECK(ran.outcome.exit_status == 2);
  CHECK(ran.outcome.signal == std::nullopt);
}

TEST_CASE_FIXTURE(Trial, "stdout and stderr come out together, in the order of writing") {
  const RanJob ran = scriptJob("echo 1; echo 2 >&2; echo 3; echo 4 >&2; printf 5");
  CHECK(ran.body == "1\n2\n3\n4\n5");
}

TEST_CASE_FIXTURE(Trial, "a job that writes nothing has no output but the line") {
  const RanJob ran = scriptJob("exit 0");
  CHECK(ran.body.empty());
  CHECK(ran.outcome.usage.output_bytes == 0);
}

TEST_CASE_FIXTURE(Trial, "a job's usage is told") {
  const base::Deadline begun = base::SteadyClock::now();
  const RanJob ran = scriptJob("sleep 0.3; echo 12345");
  CHECK(ran.outcome.usage.wall_time >= Millis(300));
  CHECK(ran.outcome.usage.wall_time <= base::SteadyClock::now() - begun);
  CHECK(ran.outcome.usage.output_bytes == 6);
}

TEST_CASE_FIXTURE(Trial, "a job that leaves daemons behind ends when make does") {
  const base::Deadline begun = base::SteadyClock::now();
  const RanJob ran = scriptJob(
      "(setsid sh -c 'trap \"\" HUP TERM; while :; do sleep 1; done' &)\n"
      "nohup sleep 300 &\n"
      "echo done");
  CHECK(ran.outcome.succeeded());
  CHECK(ran.body.find("done\n") != std::string::npos);
  CHECK(ran.outcome.usage.wall_time < Millis(5000));
  CHECK(base::SteadyClock::now() - begun < Millis(30'000) + backend().patience().ready);
}

TEST_CASE_FIXTURE(Trial, "a job that closes its output early still runs to its end") {
  const RanJob ran = scriptJob("echo before; exec >&- 2>&-; sleep 0.3; exit 0");
  CHECK(ran.outcome.succeeded());
  CHECK(ran.outcome.usage.wall_time >= Millis(300));
  CHECK(ran.body == "before\n");
}

TEST_CASE_FIXTURE(Trial, "a job sees an ordinary machine") {
  const RanJob ran = scriptJob(
      "echo hi > /tmp/f && cat /tmp/f && echo $((6 * 7)) | tr 4 5 && test -c /dev/null && "
      "test -w . && head -c 8 /dev/urandom | wc -c && echo $HOME | grep -c ^/");
  CHECK(ran.outcome.succeeded());
  CHECK(ran.body == "hi\n52\n8\n1\n");
}

}  // namespace
}  // namespace tango::test
