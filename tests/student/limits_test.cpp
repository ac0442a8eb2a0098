// A student's command has limits of its own, and its grader goes on when they are hit.
#include <doctest/doctest.h>

#include "student/student_jobs.hpp"

namespace tango {
namespace {

using test::bodyOf;
using test::runWith;
using test::StudentJobs;

const std::string kLimitOf =
    "limit() { tango-student --report r \"$@\" >/dev/null 2>&1; echo $?; python3 -c 'import json; "
    "print(json.load(open(\"r\"))[\"limit\"])'; }\n";

TEST_CASE("memory is limited for each process and for all of them together") {
  StudentJobs jobs;
  CHECK(bodyOf(runWith(
            jobs,
            kLimitOf + "tango-student --memory 64M python3 one.py\n"
                       "limit --memory 64M --processes 32 python3 many.py; echo graded",
            {{"one.py", "try:\n  bytearray(1 << 30)\nexcept MemoryError:\n  print('refused')\n"},
             {"many.py",
              "import os, time\nfor i in range(16):\n  if os.fork() == 0:\n    data = "
              "bytearray(os.urandom(1 << 20) * 20)\n    time.sleep(60)\ntime.sleep(60)"
              "\n"}})) == "refused\n137\nmemory\ngraded\n");
}

TEST_CASE("a fork bomb is held, and the grader can still start processes") {
  StudentJobs jobs;
  CHECK(bodyOf(runWith(jobs,
                       "tango-student --timeout 0.5 python3 bomb.py; echo $?\n"
                       "tango-student --processes 5 python3 count.py; sh -c 'echo graded'",
                       {{"bomb.py",
                         "import os, time\nwhile True:\n  try:\n    os.fork()\n  except OSError:\n"
                         "    time.sleep(0.01)\n"},
                        {"count.py",
                         "import os, time\nn = 0\ntry:\n  while n < 100:\n    if os.fork() == 0:\n"
                         "      time.sleep(9)\n    n += 1\nexcept OSError:\n  print(n)\n"}})) ==
        "124\n4\ngraded\n");
}

TEST_CASE("the disk is its own, and full is not full for the grader") {
  StudentJobs jobs;
  CHECK(bodyOf(jobs.runScript(
            "tango-student sh -c 'head -c 1000000000 /dev/zero >a || echo full' 2>/dev/null\n"
            "tango-student sh -c 'i=0; while echo >${TMPDIR:-/tmp}/$i; do i=$((i+1)); done; echo "
            "$((i "
            "< 20000))' 2>/dev/null; head -c 2000000 /dev/zero >mine && echo graded\n"
            "tango-student --disk 1M --file mine true 2>/dev/null; echo $?")) ==
        "full\n1\ngraded\n125\n");
}

TEST_CASE("less disk than there is room for is all that a command gets") {
  StudentJobs jobs;
  CHECK(
      bodyOf(jobs.runScript(
          kLimitOf + "tango-student --disk 1M sh -c 'head -c 900000 /dev/zero >a && echo fits'\n"
                     "limit --disk 1M sh -c 'head -c 900000 /dev/zero >a; head -c 900000 /dev/zero "
                     ">b || exit 3; sleep 60'")) ==
      (jobs.ownNamespaces() ? "fits\n3\nNone\n" : "fits\n137\ndisk\n"));
}

TEST_CASE("output without end ends the command, and the grader gets its beginning") {
  StudentJobs jobs;
  CHECK(bodyOf(jobs.runScript(kLimitOf +
                              "limit --output 1K yes; tango-student --output 1K yes | wc -c")) ==
        "137\noutput\n1024\n");
}

TEST_CASE("processor time counts for all processes together, and of those that ended") {
  StudentJobs jobs;
  CHECK(bodyOf(jobs.runScript(
            kLimitOf +
            "limit --cpu-time 0.3 sh -c 'while :; do sh -c \"i=0; while [ \\$i -lt 20000 ]; do "
            "i=\\$((i+1)); done\"; done'\n"
            "limit --cpu-time 0.3 sh -c '(while :; do :; done) & (while :; do :; done) & wait'")) ==
        "124\ncpu_time\n124\ncpu_time\n");
}

TEST_CASE("file size and open files are limited") {
  StudentJobs jobs;
  CHECK(
      bodyOf(jobs.runScript("tango-student --file-size 64K head -c 100000 /dev/zero 2>/dev/null | "
                            "wc -c; tango-student --file-size 64K sh -c 'head -c 100000 "
                            "/dev/zero >x' 2>/dev/null; echo $?\n"
                            "tango-student --open-files 20 sh -c 'ulimit -n; ulimit -c'")) ==
      "100000\n153\n20\n0\n");
}

TEST_CASE("a command that ends with the job's time is ended with it") {
  StudentJobs jobs;
  model::RunLimits limits;
  limits.wall_time = base::Millis(300);
  CHECK(endedBy(jobs.runScript("tango-student sh -c 'trap \"\" TERM; sleep 60 & wait'", limits)) ==
        "wall time");
  CHECK(bodyOf(jobs.runScript("tango-student echo next")) == "next\n");
}

}  // namespace
}  // namespace tango
