// What jobs are made of works: compilers, interpreters, sockets, threads, terminals, debuggers.
#include <doctest/doctest.h>

#include "sandbox/scripts.hpp"

namespace tango {
namespace {

using test::bodyOf;
using test::contains;
using test::runProgram;
using test::runWith;
using test::SandboxJobs;

TEST_CASE("a C program is compiled and run, its temporary files included") {
  SandboxJobs jobs;
  CHECK(bodyOf(runWith(jobs, "gcc -Wall -o hello hello.c && ./hello",
                       {{"hello.c", "#include <stdio.h>\nint main(void) { puts(\"hello\"); }"}})) ==
        "hello\n");
}

TEST_CASE("python runs, with a network server and its client on 127.0.0.1") {
  SandboxJobs jobs;
  CHECK(bodyOf(runWith(jobs, "/usr/bin/python3 server.py", {{"server.py", R"(
import socket, threading
server = socket.create_server(("127.0.0.1", 0))
def serve():
    peer, _ = server.accept()
    peer.sendall(peer.recv(100).upper())
    peer.close()
threading.Thread(target=serve).start()
client = socket.create_connection(server.getsockname())
client.sendall(b"over the loopback")
print(client.recv(100).decode())
server6 = socket.create_server(("::1", 8080), family=socket.AF_INET6)
print("on ::1 too")
print(socket.gethostbyname("localhost"), socket.gethostbyname(socket.gethostname()))
)"}})) == "OVER THE LOOPBACK\non ::1 too\n127.0.0.1 127.0.0.1\n");
}

TEST_CASE("python's multiprocessing works: semaphores, shared memory, fork servers") {
  SandboxJobs jobs;
  CHECK(bodyOf(runWith(jobs, "/usr/bin/python3 many.py", {{"many.py", R"(
import multiprocessing
from multiprocessing import shared_memory
def square(x):
    return x * x
if __name__ == "__main__":
    with multiprocessing.Pool(3) as pool:
        print(pool.map(square, range(4)))
    memory = shared_memory.SharedMemory(create=True, size=100)
    memory.unlink()
    print("shared")
)"}})) == "[0, 1, 4, 9]\nshared\n");
}

TEST_CASE("a pseudo terminal works") {
  SandboxJobs jobs;
  const std::string body = bodyOf(runWith(jobs, "/usr/bin/python3 terminal.py", {{"terminal.py", R"(
import os, pty
pid, master = pty.fork()
if pid == 0:
    os.execvp("sh", ["sh", "-c", "test -t 0 && test -t 1 && tty && : >/dev/tty && echo mine"])
out = b""
try:
    while piece := os.read(master, 1000):
        out += piece
except OSError:
    pass
print(out.decode().replace("\r", ""), end="")
)"}}));
  CHECK(body == "/dev/pts/0\nmine\n");
}

TEST_CASE("threads, pipes, POSIX and SysV shared memory, semaphores and queues work") {
  SandboxJobs jobs;
  CHECK(bodyOf(runProgram(jobs, "together.c")) ==
        "threads 4\npipe ok\nsem_open ok\nshm_open ok\nmq_open ok\nshmget ok\nsemget ok\n"
        "msgget ok\nmmap exec ok\n");
}

TEST_CASE("a job may trace its own child, as a debugger does") {
  SandboxJobs jobs;
  CHECK(bodyOf(runProgram(jobs, "trace.c")) == "stopped\nread 42\ncontinued: 7\n");
}

TEST_CASE("clone3 is answered with ENOSYS, and libraries fall back to clone") {
  SandboxJobs jobs;
  CHECK(bodyOf(runProgram(jobs, "together.c", "clone3")) == "Function not implemented\n");
}

TEST_CASE("a pipeline of many programs works, and locales and time zones are there") {
  SandboxJobs jobs;
  CHECK(bodyOf(jobs.runScript("seq 1 1000 | sort -rn | head -n 2 | paste -sd, | tr , ' '; "
                              "printf 'ü' | wc -m; TZ=UTC date -d @0 +%Y; perl -e 'print 6*7'")) ==
        "1000 999\n1\n1970\n42");
}

TEST_CASE("make's own parallel jobs work") {
  SandboxJobs jobs;
  CHECK(bodyOf(jobs.run({{"Makefile",
                          "all:\n\t@$(MAKE) --no-print-directory -j4 a b c d | sort\n"
                          "a b c d:\n\t@sleep 0.05; echo $@\n"}})) == "a\nb\nc\nd\n");
}

TEST_CASE("a shell's job control and here-documents work") {
  SandboxJobs jobs;
  CHECK(bodyOf(jobs.run({{"Makefile", "all:\n\t@bash script\n"},
                         {"script",
                          "cat <(echo process substitution)\nsleep 100 &\nkill %1\n"
                          "wait $!; echo $?\ncat <<END\nhere\nEND\n"}})) ==
        "process substitution\n143\nhere\n");
}

TEST_CASE("a job sees itself and its children in /proc") {
  SandboxJobs jobs;
  const std::string body =
      bodyOf(jobs.runScript("sleep 9 & ls /proc | grep -c '^[0-9]'; cat /proc/$!/comm; "
                            "readlink /proc/self/exe; test -r /proc/cpuinfo && test -r "
                            "/proc/meminfo && nproc >/dev/null && echo more; kill $!"));
  CHECK(contains(body, "sleep\n/usr/bin/readlink\nmore\n"));
}

}  // namespace
}  // namespace tango
