// What a student's command cannot do: reach anything of its grader's.
#include <doctest/doctest.h>

#include "student/student_jobs.hpp"
#include "support/address_sanitizer.hpp"

namespace tango {
namespace {

using test::bodyOf;
using test::contains;
using test::runWith;
using test::StudentJobs;

TEST_CASE("the command is another user, without any right, that can never get one") {
  StudentJobs jobs;
  CHECK(bodyOf(jobs.runScript(
            "tango-student sh -c 'id -u; grep -E \"^(Cap|NoNewPrivs|Seccomp:|Groups|Uid|Gid)\" "
            "/proc/self/status' >all; id=$(head -n 1 all)\n"
            "[ $id -gt 60000 -a $id != $(id -u) ] && sed -e 1d -e \"/^[UG]id/s/$id/ID/g\" all")) ==
        "Uid:\tID\tID\tID\tID\nGid:\tID\tID\tID\tID\nGroups:\t \n"
        "CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\n"
        "CapEff:\t0000000000000000\nCapBnd:\t0000000000000000\n"
        "CapAmb:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n");
}

TEST_CASE("nothing is open in it but three pipes of its own") {
  StudentJobs jobs;
  CHECK(bodyOf(runWith(jobs,
                       "exec 7<script 8>out 9</dev/null; readlink /proc/self/fd/1 >mine\n"
                       "tango-student python3 fds.py >all; sed 's/:.*//' all; grep -c -F -f mine "
                       "all; true",
                       {{"fds.py",
                         "import os\nfor f in range(4096):\n  try:\n    print(f, "
                         "os.readlink(f'/proc/self/fd/{f}'))\n  except OSError:\n    pass\n"}})) ==
        "0 pipe\n1 pipe\n2 pipe\n0\n");
}

// Tries on every process that is not its own what a debugger, a killer or a spy would.
const std::string kReach =
    "import ctypes, os, signal\n"
    "libc = ctypes.CDLL(None, use_errno=True)\n"
    "def attempt(pid, name, action):\n"
    "  try: action()\n"
    "  except OSError: return\n"
    "  print('reached', name, open(f'/proc/{pid}/status').readline())\n"
    "def trace(pid):\n"
    "  for request in 0x10, 0x4206:\n"  // PTRACE_ATTACH, PTRACE_SEIZE
    "    if libc.ptrace(request, pid, None, None) == 0: return\n"
    "  raise OSError\n"
    "def zero(call, *words):\n"
    "  if getattr(libc, call)(*words) != 0: raise OSError\n"
    "seen = 0\n"
    "for pid in range(1, 400):\n"
    "  try:\n"
    "    os.kill(pid, 0)\n"
    "    if os.stat(f'/proc/{pid}').st_uid == os.getuid(): continue\n"
    "  except PermissionError: seen += 1\n"
    "  except OSError: continue\n"
    "  for number in signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGCONT:\n"
    "    attempt(pid, number, lambda: os.kill(pid, number))\n"
    "  for file in 'environ', 'mem', 'maps', 'auxv', 'stack', 'syscall', 'io', 'fd/1':\n"
    "    attempt(pid, file, lambda: open(f'/proc/{pid}/{file}', 'rb').read(1))\n"
    "    attempt(pid, file, lambda: open(f'/proc/{pid}/{file}', 'wb'))\n"
    "  for file in 'fd', 'fdinfo', 'map_files', 'cwd/.', 'root/.':\n"
    "    attempt(pid, file, lambda: os.listdir(f'/proc/{pid}/{file}'))\n"
    "  for file in 'cwd', 'exe', 'root', 'ns/mnt':\n"
    "    attempt(pid, file, lambda: os.readlink(f'/proc/{pid}/{file}'))\n"
    "  attempt(pid, 'oom_score_adj', lambda: open(f'/proc/{pid}/oom_score_adj', 'w'))\n"
    "  attempt(pid, 'trace', lambda: trace(pid))\n"
    "  attempt(pid, 'nice', lambda: os.setpriority(os.PRIO_PROCESS, pid, 19))\n"
    "  attempt(pid, 'affinity', lambda: os.sched_setaffinity(pid, {0}))\n"
    "  attempt(pid, 'prlimit', lambda: zero('prlimit', pid, 0, (ctypes.c_long * 2)(1, 1), None))\n"
    "print('tried' if seen else 'nobody to try it on')\n";

TEST_CASE("no process of the grader's is signalled, traced or looked into") {
  StudentJobs jobs;
  CHECK(bodyOf(runWith(jobs,
                       "sleep 60 & pid=$!\ntango-student --file reach.py python3 reach.py\n"
                       "tango-student sh -c 'kill -9 -1; echo alive' 2>/dev/null\n"
                       "kill -0 $pid && echo too",
                       {{"reach.py", kReach}})) == "tried\nalive\ntoo\n");
}

TEST_CASE("it sees no process but its own; in Docker, what others are called") {
  StudentJobs jobs;
  CHECK(bodyOf(jobs.runScript("tango-student sh -c 'set -- /proc/[0-9]*; [ \"$*\" = /proc/$$ ] && "
                              "echo alone || echo among others'")) ==
        (jobs.seesOthers() ? "among others\n" : "alone\n"));
}

TEST_CASE("none of the grader's files is there, wherever it has them") {
  StudentJobs jobs;
  CHECK(
      bodyOf(jobs.runScript(
          "all=\"/home/autograde /home/autograde/autolab /tmp /var/tmp /dev/shm\"\n"
          "for d in $all; do echo secret >$d/secret; chmod 666 $d/secret; done\n"
          "chmod 777 /home/autograde /home/autograde/autolab\n"
          "tango-student find / -path /usr -prune -o -path /sys -prune -o -name 'secret*' -print "
          "-o -name "
          "'.tango-student' -print 2>/dev/null\n"
          "tango-student sh -c \"for d in $all; do echo mine >\\$d/secret; mkdir \\$d/x; done; cd "
          "/home/autograde; ls autolab/secret; rm autolab/secret\" >/dev/null 2>&1\n"
          "for d in $all; do cat $d/secret; ls $d; done | sort | uniq -c\n"
          "tango-student sh -c 'ls -A . ${TMPDIR:-/tmp}'")) ==
      "      1 Makefile\n      1 autolab\n      1 script\n     10 secret\n.:\n\n/tmp:\n");
}

TEST_CASE("what it makes where the grader is let in is no trap for the grader") {
  StudentJobs jobs;
  CHECK(
      bodyOf(jobs.runScript(
          "echo secret >secret\n"
          "tango-student sh -c 'ln secret hard; ln -s secret made; ln -s /etc cannot' 2>/dev/null\n"
          "tango-student --fetch made sh -c 'ln -s /home/autograde/autolab/secret made'; ls made "
          "2>&1; tango-student --fetch made sh -c 'mkfifo made'; ls made 2>&1; cat secret")) ==
      "ls: cannot access 'made': No such file or directory\n"
      "ls: cannot access 'made': No such file or directory\nsecret\n");
}

TEST_CASE("what it leaves running is dead before the call returns") {
  StudentJobs jobs;
  CHECK(bodyOf(jobs.runScript(
            "tango-student sh -c '(trap \"\" TERM HUP INT; while :; do echo forged; sleep 0.01; "
            "done) & setsid sh -c \"sleep 0.05; echo forged\" & exit 0' >out\n"
            "wc -c <out >before; sleep 0.2; wc -c <out | cmp - before && echo quiet\n"
            "tango-student --timeout 0.05 sh -c 'trap \"\" TERM; kill -STOP $$' ; echo $?")) ==
        "quiet\n124\n");
}

TEST_CASE("a call from the command itself is refused") {
  StudentJobs jobs;
  const std::string connects =
      "python3 -c 'import socket; s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); "
      "s.connect(\"" +
      jobs.socket() + "\"); print(\"connected\")' 2>&1 | tail -1\n";
  const std::string body = bodyOf(
      jobs.runScript("tango-student tango-student true 2>&1; echo $?\n"
                     "tango-student --network tango-student true 2>&1; echo $?\ntango-student " +
                     connects + "tango-student --network " + connects));
  if (!test::kAddressSanitizer) {
    CHECK(contains(body, "nobody here runs commands for a grader: "));
    CHECK(contains(body, "\n125\n"));
  }
  CHECK_FALSE(contains(body, "\n0\n"));
  CHECK(contains(body, "Error: "));
  CHECK_FALSE(contains(body, "connected"));
}

TEST_CASE("two commands share neither files, nor ipc, nor processes, nor sockets") {
  StudentJobs jobs;
  CHECK(bodyOf(jobs.runScript(
            "tango-student sh -c 'echo x >${TMPDIR:-/tmp}/x; ipcmk -Q >/dev/null 2>&1; echo up; "
            "sleep 60' >out & pid=$!\nuntil [ -s out ]; do sleep 0.01; done\n"
            "tango-student sh -c 'ls ${TMPDIR:-/tmp}; ls /run/tango-student/*/tmp/x; ipcs -q | "
            "grep -c "
            "^0x; kill -9 -1' 2>/dev/null\n"
            "kill -0 $pid && echo alive; ipcs -q | grep -c ^0x; kill $pid")) == "0\nalive\n0\n");
}

// The grader's own, which all may use: what it has a name for, all in its namespaces reach.
TEST_CASE("no named thing of the grader's is used: sockets, queues, shared memory") {
  StudentJobs jobs;
  const std::string offers =
      "import ctypes, socket, time\n"
      "s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\ns.bind('\\0grader')\n"
      "s.settimeout(1)\nlibc = ctypes.CDLL(None)\n"
      "shared = libc.shmget(0x1234, 4096, 0o1666)\n"
      "queue = libc.mq_open(b'/grader', 0o102, 0o666, None)\n"
      "print('up', flush=True)\n"
      "try: print('got', s.recv(9))\nexcept OSError: print('nothing came')\n"
      "libc.shmctl(shared, 0, None)\n";
  const std::string reaches =
      "import ctypes, socket\n"
      "def attempt(name, action):\n"
      "  try: print(name, action())\n"
      "  except OSError: pass\n"
      "libc = ctypes.CDLL(None)\n"
      "if libc.shmget(0x1234, 4096, 0o666) >= 0: print('shared memory')\n"
      "if libc.mq_open(b'/grader', 2) >= 0: print('queue')\n"
      "for kind in socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_STREAM, socket.SOCK_SEQPACKET:\n"
      "  attempt('socket', lambda: socket.socket(socket.AF_UNIX, kind).connect('\\0grader'))\n"
      "  attempt('pair', lambda: socket.socketpair(socket.AF_UNIX, kind)[0].sendto(b'x', "
      "'\\0grader'))\n"
      "  attempt('again', lambda: socket.socketpair(socket.AF_UNIX, "
      "kind)[0].connect('\\0grader'))\n"
      "a, b = socket.socketpair()\na.send(b'its own')\nprint(b.recv(9).decode())\n";
  CHECK(bodyOf(runWith(jobs,
                       "python3 offers.py >out & until grep -qs up out; do sleep 0.01; done\n"
                       "tango-student python3 reaches.py 2>&1; wait; cat out",
                       {{"offers.py", offers}, {"reaches.py", reaches}})) ==
        "its own\nup\nnothing came\n");
}

TEST_CASE("the network is none of the grader's, or the job's where the grader says so") {
  StudentJobs jobs;
  CHECK(
      bodyOf(runWith(
          jobs,
          "python3 -m http.server 8000 --bind 127.0.0.1 >/dev/null 2>&1 & pid=$!\n"
          "until python3 get.py >/dev/null 2>&1; do sleep 0.01; done\n"
          "tango-student python3 get.py 2>&1 | tail -1 | cut -d' ' -f1-3\n"
          "tango-student --network python3 get.py; kill $pid",
          {{"get.py",
            "import socket\nsocket.create_connection(('127.0.0.1', 8000))\nprint('there')\n"}})) ==
      (jobs.ownNamespaces() ? "ConnectionRefusedError: [Errno 111]\nthere\n"
                            : "PermissionError: [Errno 13]\nthere\n"));
}

TEST_CASE("a slot is as new for each command, whatever the one before left in it") {
  StudentJobs jobs;
  CHECK(
      bodyOf(jobs.runScript(
          "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18; do tango-student sh -c '\n"
          "  ls -A $HOME . ${TMPDIR:-/tmp} $HOME/.. | grep left; cd $HOME/..; mkdir -p left/a/b; "
          "echo x >left/a/b/c; chmod 0 left/a/b left/a left; ln -s / ${TMPDIR:-/tmp}/left; mkfifo "
          "$HOME/left; chmod 0 . $HOME ${TMPDIR:-/tmp}; setsid sleep 60 & exit 3' || [ $? = 3 ] || "
          "echo failed; done 2>/dev/null; echo done")) == "done\n");
}

TEST_CASE("mounts, namespaces and the kernel's machinery are as closed as to the job") {
  StudentJobs jobs;
  CHECK(bodyOf(jobs.runScript("tango-student sh -c 'umount /home; mount -t tmpfs x /tmp; unshare "
                              "-U true; unshare -n true; chroot /tmp true; nsenter -t 1 -m true; "
                              "su root -c true; echo still' 2>/dev/null")) == "still\n");
}

}  // namespace
}  // namespace tango
