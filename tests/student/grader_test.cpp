// The service as a grader with bugs meets it, or a job that is all a student's.
#include <doctest/doctest.h>

#include "student/student_jobs.hpp"

namespace tango {
namespace {

using test::bodyOf;
using test::contains;
using test::runWith;
using test::StudentJobs;

// Packets as messages.hpp has them, made by hand.
const std::string kPackets =
    "import array, os, socket, struct, sys\n"
    "def connect():\n"
    "  s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)\n"
    "  s.settimeout(20)\n"
    "  s.connect(sys.argv[1])\n"
    "  return s\n"
    "n = lambda number: struct.pack('Q', number)\n"
    "text = lambda t: n(len(t)) + t\n"
    "words = lambda *all: n(len(all)) + b''.join(text(w) for w in all)\n"
    "def request(command=(b'true',), folder=b'/tmp', limits=(0,) * 7, results=()):\n"
    "  return words(*command) + words() + words(*results) + text(folder) + b''.join(n(l) for l in "
    "limits) + n(0) + n(0)\n"
    "STUDENT, FILE, RUN, STOP, FAILED, ENDED = 17, 9, 11, 12, 3, 13\n"
    "def send(s, kind, body=b'', fds=()):\n"
    "  socket.send_fds(s, [struct.pack('I', kind) + body], fds)\n"
    "def last(s):\n"
    "  kind, body = None, b''\n"
    "  while True:\n"
    "    packet, fds, _, _ = socket.recv_fds(s, 200000, 9)\n"
    "    for fd in fds: os.close(fd)\n"
    "    if not packet: return kind, body\n"
    "    kind, body = struct.unpack('I', packet[:4])[0], packet[4:]\n";

std::string talk(StudentJobs& jobs, const std::string& program) {
  return bodyOf(runWith(jobs,
                        "python3 talk.py " + jobs.socket() + " 2>&1; tango-student echo served",
                        {{"talk.py", kPackets + program}}));
}

TEST_CASE("a request made by hand is served like any other") {
  StudentJobs jobs;
  CHECK(talk(jobs,
             "s = connect(); send(s, STUDENT, request()); send(s, RUN)\n"
             "print(last(s)[0] == ENDED)\n") == "True\nserved\n");
}

TEST_CASE("garbage is refused with a reason, and the next caller is served") {
  StudentJobs jobs;
  const std::string body =
      talk(jobs,
           "def refused(*packets):\n"
           "  s = connect()\n"
           "  try:\n"
           "    for packet in packets: send(s, *packet)\n"
           "  except OSError: pass\n"
           "  kind, body = last(s)\n"
           "  print(kind == FAILED, body[16:].decode())\n"
           "refused((STUDENT,))\n"
           "refused((STUDENT, b'x'))\n"
           "refused((STUDENT, n(2 ** 64 - 1) * 20))\n"
           "refused((STUDENT, request(command=())))\n"
           "refused((STUDENT, request(command=(b'a\\0b',))))\n"
           "refused((STUDENT, request(folder=b'tmp')))\n"
           "refused((STUDENT, request(folder=b'/tmp/../etc')))\n"
           "refused((STUDENT, request() + b'x'))\n"
           "refused((RUN,))\n"
           "refused((99999, b'x'))\n"
           "refused((STUDENT, request()), (STUDENT, request()))\n"
           "refused((STUDENT, request()), (FILE, text(b'/etc/x') + n(0)))\n"
           "refused((STUDENT, request()), (FILE, text(b'/etc/x') + n(0), [0]))\n"
           "file = [os.open('talk.py', 0)]\n"
           "for path in b'/etc/x', b'/tmp/../etc/x', b'/tmp/', b'/tmp', b'x', b'', b'/tmp/a//b', "
           "b'/tmp/' + b'y' * 300:\n"
           "  refused((STUDENT, request()), (FILE, text(path) + n(0), file))\n"
           "refused((STUDENT, request()), (FILE, text(b'/tmp/x') + n(0), file * 3))\n"
           "s = connect(); s.send(b'x'); print(last(s)[0] == FAILED)\n"
           "s = connect(); s.send(b''); print(last(s)[0])\n");
  CHECK_FALSE(contains(body, "False"));
  CHECK(contains(body, "True the command is empty\n"));
  CHECK(contains(body, "True '/etc/x' is not a regular file\n"));
  CHECK(contains(body, "True '/etc' is not in /home, /tmp, /var/tmp or /dev/shm\n"));
  CHECK(contains(body, "True a message comes out of turn\n"));
  CHECK(body.ends_with("True\nNone\nserved\n"));
}

TEST_CASE("numbers at the edges are limits like others") {
  StudentJobs jobs;
  CHECK(
      talk(jobs,
           "for limit in 1, 2 ** 31, 2 ** 63 - 1, 2 ** 63, 2 ** 64 - 1:\n"
           "  for field in range(7):\n"
           "    s = connect()\n"
           "    send(s, STUDENT, request(limits=[limit if i == field else 0 for i in range(7)]))\n"
           "    send(s, RUN)\n"
           "    kind, _ = last(s)\n"
           "    if kind not in (FAILED, ENDED): print(limit, field, kind)\n") == "served\n");
}

TEST_CASE("a result is only what the command left in a scratch folder as a regular file") {
  StudentJobs jobs;
  CHECK(
      talk(
          jobs,
          "s = connect()\n"
          "send(s, STUDENT, request((b'sh', b'-c', b'ln -s /etc/passwd p; ln -s /proc q; echo "
          "ok >r'), results=(b'/tmp/p', b'/tmp/q/1/environ', b'/etc/passwd', b'/tmp/../etc/passwd',"
          " b'/proc/1/environ', b'', b'/tmp', b'/tmp/', b'/home/../tmp/r', b'/tmp/r')))\n"
          "send(s, RUN)\n"
          "names = []\n"
          "while True:\n"
          "  packet, fds, _, _ = socket.recv_fds(s, 200000, 9)\n"
          "  if not packet: break\n"
          "  if packet[0] == FILE: names.append((packet[12:-8], os.read(fds[0], 99)))\n"
          "print(names)\n") == "[(b'/tmp/r', b'ok\\n')]\nserved\n");
}

TEST_CASE("a grader that dies takes its student's command along") {
  StudentJobs jobs;
  CHECK(bodyOf(jobs.runScript(
            "exec 2>/dev/null; tango-student sh -c 'echo up; sleep 60' >out & pid=$!\n"
            "until [ -s out ]; do sleep 0.01; done; kill -9 $pid; wait $pid\n"
            "tango-student echo served")) == "served\n");
  CHECK(talk(jobs,
             "for i in range(30):\n"
             "  s = connect(); send(s, STUDENT, request((b'sleep', b'60'))); send(s, RUN)\n"
             "  if i % 2: s.recv(9)\n"
             "  s.close()\n") == "served\n");
}

TEST_CASE(
    "connections that say nothing hold up nobody once they are closed, and end with the job") {
  StudentJobs jobs;
  CHECK(talk(jobs,
             "held = [connect() for _ in range(8)]\n"
             "for s in held: s.close()\n") == "served\n");
  CHECK(bodyOf(runWith(
            jobs, "python3 talk.py " + jobs.socket() + " & sleep 0.1; echo over",
            {{"talk.py", kPackets + "held = []\nwhile len(held) < 8: "
                                    "held.append(connect())\nimport time; time.sleep(60)\n"}})) ==
        "over\n");
  CHECK(bodyOf(jobs.runScript("tango-student echo next")) == "next\n");
}

TEST_CASE("a job cannot take the service's socket away, nor leave one for the next job") {
  StudentJobs jobs;
  CHECK(bodyOf(jobs.runScript("s=" + jobs.socket() +
                              "; (rm -f $s; mv $s /tmp/x; ln -s x ${s%/*}/y; chmod 777 $s ${s%/*}; "
                              "rmdir ${s%/*}) 2>/dev/null; tango-student echo served")) ==
        "served\n");
}

}  // namespace
}  // namespace tango
