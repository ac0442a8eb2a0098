// tango-student as a grader calls it: what the command gets, and what comes back.
#include <doctest/doctest.h>

#include "student/student_jobs.hpp"

namespace tango {
namespace {

using test::bodyOf;
using test::contains;
using test::runWith;
using test::StudentJobs;

TEST_CASE("the command's exit status is the program's, as timeout(1) and env(1) have them") {
  StudentJobs jobs;
  CHECK(bodyOf(jobs.runScript("say() { tango-student \"$@\" 2>/dev/null; echo $?; }\n"
                              "say true; say -- sh -c 'exit 7'; say sh -c 'kill -9 $$'\n"
                              "say --timeout 0.05 sleep 60; say -t 5 --cpu-time 0.1 sh -c 'while "
                              ":; do :; done'\n"
                              "say ./missing; say no-such-command; touch plain; say ./plain\n"
                              "say --no-such-option true; say; say --timeout 0 true\n"
                              "say --memory 1X true; say --file missing true; say --file /etc "
                              "true; say --fetch /etc/x true; say --report /no/folder true")) ==
        "0\n7\n137\n124\n124\n127\n127\n126\n125\n125\n125\n125\n125\n125\n125\n125\n");
}

TEST_CASE("each refusal is a sentence that names what is wrong") {
  StudentJobs jobs;
  const std::string body = bodyOf(jobs.runScript(
      "tango-student --timeout soon true; tango-student --memory 0 true; tango-student --nope\n"
      "tango-student --file missing true; tango-student; tango-student nothing; true"));
  CHECK(contains(body, "option --timeout: 'soon' is not a number of seconds above 0"));
  CHECK(contains(body, "option --memory: '0' is not a number of bytes above 0"));
  CHECK(contains(body, "option --nope: there is none"));
  CHECK(
      contains(body, "option --file: there is no file or folder /home/autograde/autolab/missing"));
  CHECK(contains(body, "no command is given"));
  CHECK(contains(body, "execute nothing: No such file or directory"));
}

TEST_CASE("input and output pass through, whatever bytes they are and however many") {
  StudentJobs jobs;
  CHECK(bodyOf(jobs.runScript(
            "head -c 3000000 /dev/urandom >data\n"
            "tango-student cat <data >copy; cmp data copy && echo same\n"
            "cat data | tango-student tee /dev/stderr 2>err >out; cmp data out && cmp data err && "
            "echo both\n"
            "printf 'no newline\\0' | tango-student cat | od -c | head -1 | wc -c\n"
            "yes | tango-student head -1; tango-student sh -c 'exec <&-; sleep 0.01' <data\n"
            "tango-student sh -c 'echo 1; echo 2 >&2; echo 3; echo 4 >&2' 2>&1 | tr '\\n' ' '\n"
            "echo; tango-student yes | head -1; tango-student cat <&-; echo $?")) ==
        "same\nboth\n52\ny\n1 2 3 4 \ny\n0\n");
}

TEST_CASE("it sees copies of the files that its command line names, at their own paths") {
  StudentJobs jobs;
  CHECK(
      bodyOf(jobs.runScript(
          "printf '#!/bin/sh\\npwd; ls; cat \"$@\"\\n' >handin; chmod +x handin\n"
          "echo data >data; echo secret >secret; mkdir -p deep/er; echo more >deep/er/more\n"
          "echo tmp >/tmp/tmp; ln -s data link\n"
          "tango-student ./handin data\n"
          "tango-student --file deep --file /tmp/tmp sh -c 'T=${TMPDIR:-/tmp}; find . $T -type f; "
          "cat $T/tmp; echo changed >deep/er/more; rm $T/tmp'; cat deep/er/more /tmp/tmp\n"
          "tango-student cat link; tango-student cat $PWD/data /tmp/tmp; cd /tmp; tango-student "
          "pwd; cd /usr; tango-student pwd")) ==
      "/home/autograde/autolab\ndata\nhandin\ndata\n"
      "./deep/er/more\n/tmp/tmp\ntmp\nmore\ntmp\n"
      "data\ndata\ntmp\n/tmp\n/usr\n");
}

TEST_CASE("a result is fetched if it is a regular file, and nothing else comes back") {
  StudentJobs jobs;
  CHECK(
      bodyOf(jobs.runScript(
          "echo secret >secret; echo mine >kept\n"
          "tango-student --fetch made --fetch bin sh -c 'echo result >made; cp /bin/true bin; "
          "echo no >other'; cat made; ./bin; echo $?; ls other 2>&1\n"
          "tango-student --fetch kept --fetch fifo --fetch sub/x sh -c 'ln -s /etc/passwd kept; "
          "mkfifo fifo; ln -s /etc sub; ln -s passwd x'; cat kept; ls fifo sub 2>&1\n"
          "ln -s secret target; tango-student --fetch target sh -c 'echo new >target'; cat secret "
          "target")) ==
      "result\n0\nls: cannot access 'other': No such file or directory\n"
      "mine\nls: cannot access 'fifo': No such file or directory\n"
      "ls: cannot access 'sub': No such file or directory\n"
      "secret\nnew\n");
}

TEST_CASE("its environment is small, and a grader adds to it by name") {
  StudentJobs jobs;
  CHECK(bodyOf(jobs.runScript("export SECRET=s GIVEN=g LC_ALL=C MAKEFLAGS=x\n"
                              "tango-student --env GIVEN --env A=b=c --env MISSING --env USER=me "
                              "env | sort >all; grep -v -e ^LANG= -e ^PATH= -e ^TMPDIR= all\n"
                              "[ \"$(grep ^PATH= all)\" = PATH=$PATH ] && echo same; sed -n "
                              "s/^TMPDIR=//p all")) ==
        "A=b=c\nGIVEN=g\nHOME=/home/autograde\nLC_ALL=C\nLOGNAME=student\nSHELL=/bin/sh\n"
        "USER=me\nsame\n" +
            std::string(jobs.ownNamespaces() ? "" : "/tmp\n"));
}

TEST_CASE("a report says how it ended and what it used") {
  StudentJobs jobs;
  const std::string body = bodyOf(jobs.runScript(
      "tango-student --report r sh -c 'echo hello; head -c 1000000 /dev/zero >f; exit 3'\n"
      "tango-student --report t --timeout 0.02 sleep 9; tango-student --report n 'n\"o' 2>&1\n"
      "python3 -c \"import json; r, t, n = [json.load(open(f)) for f in 'rtn']; "
      "print(r['exit_status'], r['signal'], r['limit'], r['output_bytes'], r['error'], "
      "r['disk_bytes'] >= 1000000, r['memory_peak_bytes'] > 100000, 0 < r['wall_seconds'] < 60, "
      "t['exit_status'], t['signal'], t['limit'], sorted(r) == sorted(n), n['error'])\""));
  CHECK(body ==
        "hello\ntango-student: execute n\"o: No such file or directory\n"
        "3 None None 6 None True True True None 9 wall_time True execute n\"o: No such file or "
        "directory\n");
}

TEST_CASE("many in a row and many that end at once are all served") {
  StudentJobs jobs;
  const std::string body = bodyOf(jobs.runScript(
      "for i in 1 2 3 4 5 6 7 8 9 10; do for j in 1 2 3 4 5 6 7 8 9 10; do tango-student true || "
      "echo failed; done; done\n"
      "for round in 1 2 3 4 5 6 7 8; do for i in 1 2 3 4 5 6 7 8 9 10 11 12; do tango-student sh "
      "-c "
      "'sleep 0.05; echo done' || echo failed & done; wait; done"));
  std::string done;
  for (int i = 0; i < 8 * 12; ++i) {
    done += "done\n";
  }
  CHECK(body == done);
}

TEST_CASE("what a call costs is printed") {
  StudentJobs jobs;
  const std::string body = bodyOf(runWith(
      jobs, "exec python3 cost.py",
      {{"cost.py",
        "import subprocess, time\n"
        "def cost(*command):\n"
        "  begin = time.monotonic()\n"
        "  for _ in range(50):\n"
        "    subprocess.run([*command, 'true'], check=True)\n"
        "  return (time.monotonic() - begin) / 50 * 1000\n"
        "alone = cost('env')\n"
        "print(f'{cost(\"tango-student\") - alone:.1f} ms a call over {alone:.1f} ms')\n"}}));
  MESSAGE(body);
  CHECK(contains(body, " ms a call"));
}

}  // namespace
}  // namespace tango
