// What a student's command cannot do: reach anything of its grader's.
#include <doctest/doctest.h>

#include "sandbox/scripts.hpp"

namespace tango {
namespace {

using test::bodyOf;
using test::compiled;
using test::contains;
using test::runWith;
using test::SandboxJobs;

TEST_CASE("the command is another user, without any right, that can never get one") {
  SandboxJobs jobs;
  CHECK(bodyOf(jobs.runScript("tango-student grep -E '^(Cap|NoNewPrivs|Seccomp:|Groups|Uid|Gid)' "
                              "/proc/self/status")) ==
        "Uid:\t61000\t61000\t61000\t61000\nGid:\t61000\t61000\t61000\t61000\nGroups:\t \n"
        "CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\n"
        "CapEff:\t0000000000000000\nCapBnd:\t0000000000000000\n"
        "CapAmb:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n");
}

TEST_CASE("nothing is open in it but three pipes of its own") {
  SandboxJobs jobs;
  CHECK(bodyOf(runWith(jobs,
                       "exec 7<script 8>out 9</dev/null; readlink /proc/self/fd/1 >mine\n"
                       "tango-student python3 fds.py >all; sed 's/:.*//' all; grep -c -F -f mine "
                       "all; true",
                       {{"fds.py",
                         "import os\nfor f in range(4096):\n  try:\n    print(f, "
                         "os.readlink(f'/proc/self/fd/{f}'))\n  except OSError:\n    pass\n"}},
                       {}, SandboxJobs::hostSpec())) == "0 pipe\n1 pipe\n2 pipe\n0\n");
}

TEST_CASE("no process of the grader's is seen, signalled or traced") {
  SandboxJobs jobs;
  CHECK(
      bodyOf(jobs.runScript(
          "sleep 60 & pid=$!\n"
          "tango-student sh -c 'echo $$ /proc/[0-9]*; kill -9 -1; kill -9 1; for p in 3 4 5 6 7 "
          "8 9 10 11 12; do kill -9 $p; done; ls /proc/1/fd /proc/1/exe; echo alive' 2>/dev/null\n"
          "kill -0 $pid && echo too")) == "2 /proc/2\nalive\ntoo\n");
  CHECK(bodyOf(runWith(jobs, "chmod +x trace; tango-student ./trace 1; tango-student ./trace $$",
                       {{"trace", compiled("trace.c")}}))
            .find("traced") == std::string::npos);
}

TEST_CASE("none of the grader's files is there, wherever it has them") {
  SandboxJobs jobs;
  CHECK(bodyOf(jobs.runScript(
            "for d in /home/autograde /home/autograde/autolab /tmp /var/tmp /dev/shm; do echo "
            "secret >$d/secret; chmod 666 $d/secret; done\n"
            "tango-student find / -path /usr -prune -o -name 'secret*' -print -o -name "
            "'.tango-student' -print 2>/dev/null\n"
            "tango-student sh -c 'for d in /home/autograde /home/autograde/autolab /tmp /var/tmp "
            "/dev/shm; do echo mine >$d/secret || echo no; done'\n"
            "cat /tmp/secret secret; tango-student ls -A . /tmp; ls -A /tmp")) ==
        "secret\nsecret\n.:\n\n/tmp:\nsecret\n");
}

TEST_CASE("what it leaves running is dead before the call returns") {
  SandboxJobs jobs;
  CHECK(bodyOf(jobs.runScript(
            "tango-student sh -c '(trap \"\" TERM HUP INT; while :; do echo forged; sleep 0.01; "
            "done) & setsid sh -c \"sleep 0.05; echo forged\" & exit 0' >out\n"
            "wc -c <out >before; sleep 0.2; wc -c <out | cmp - before && echo quiet\n"
            "tango-student --timeout 0.05 sh -c 'trap \"\" TERM; kill -STOP $$' ; echo $?")) ==
        "quiet\n124\n");
}

TEST_CASE("a call from the command itself is refused") {
  SandboxJobs jobs;
  const std::string body =
      bodyOf(jobs.runScript("tango-student tango-student true 2>&1; echo $?\n"
                            "tango-student python3 -c 'import socket; s = "
                            "socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); "
                            "s.connect(\"/home/.tango-student\")' 2>&1 | tail -1"));
  CHECK(contains(body, "nobody here runs commands for a grader: No such file or directory\n125\n"));
  CHECK(contains(body, "FileNotFoundError"));
}

TEST_CASE("two commands share neither files, nor ipc, nor processes, nor sockets") {
  SandboxJobs jobs;
  CHECK(bodyOf(jobs.runScript(
            "tango-student sh -c 'echo x >/tmp/x; echo x >/dev/shm/x; ipcmk -Q; sleep 60' >out & "
            "pid=$!\nuntil [ -s out ]; do sleep 0.01; done\n"
            "tango-student sh -c 'ls /tmp /dev/shm; ipcs -q | grep -c ^0x; echo /proc/[0-9]*'\n"
            "ipcs -q | grep -c ^0x; kill $pid")) == "/dev/shm:\n\n/tmp:\n0\n/proc/2\n0\n");
}

TEST_CASE("the network is a loopback of its own, or the job's where the grader says so") {
  SandboxJobs jobs;
  CHECK(
      bodyOf(runWith(
          jobs,
          "python3 -m http.server 8000 --bind 127.0.0.1 >/dev/null 2>&1 & pid=$!\n"
          "until python3 get.py >/dev/null 2>&1; do sleep 0.01; done\n"
          "tango-student python3 get.py 2>&1 | tail -1 | cut -d' ' -f1-3\n"
          "tango-student --network python3 get.py; kill $pid",
          {{"get.py",
            "import socket\nsocket.create_connection(('127.0.0.1', 8000))\nprint('there')\n"}})) ==
      "ConnectionRefusedError: [Errno 111]\nthere\n");
}

TEST_CASE("mounts, namespaces and the kernel's machinery are as closed as to the job") {
  SandboxJobs jobs;
  CHECK(bodyOf(jobs.runScript("tango-student sh -c 'umount /home; mount -t tmpfs x /tmp; unshare "
                              "-U true; unshare -n true; chroot /tmp true; nsenter -t 1 -m true; "
                              "su root -c true; echo still' 2>/dev/null")) == "still\n");
}

}  // namespace
}  // namespace tango
