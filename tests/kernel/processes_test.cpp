// What the sandbox believes of the kernel's processes, signals and credentials.
#include <ctime>

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "kernel/in_child.hpp"

namespace tango {
namespace {

using test::cloneInto;
using test::inChild;
using test::needsRoot;
using test::statusOf;

constexpr uid_t kNobody = 65534;

// clone(2), CLONE_NEWPID; the raw call, since glibc's wants a stack of its own.
TEST_CASE("the raw clone call forks into a new pid namespace, whose first process is 1") {
  if (!needsRoot()) return;
  CHECK(inChild([] {
          const pid_t init = cloneInto(CLONE_NEWPID);
          if (init == 0) {
            ::_exit(::getpid() == 1 && ::getppid() == 0 ? 7 : 1);
          }
          TANGO_EXPECT(init > 1);
          TANGO_EXPECT(statusOf(init) == 7);
          return 0;
        }) == 0);
}

// kill(2): "-1: every process for which the calling process has permission, except for process 1",
// and its NOTES: not the caller itself; pid_namespaces(7): only those in its namespace.
TEST_CASE("kill(-1) by a namespace's init reaches all but itself, and then says ESRCH") {
  if (!needsRoot()) return;
  CHECK(inChild([] {
          const pid_t init = cloneInto(CLONE_NEWPID);
          if (init == 0) {
            for (int i = 0; i < 5; ++i) {
              if (::fork() == 0) {
                ::setsid();
                ::signal(SIGTERM, SIG_IGN);
                ::fork();
                for (;;) ::pause();
              }
            }
            ::usleep(20'000);
            while (::kill(-1, SIGKILL) == 0) {
              while (::waitpid(-1, nullptr, WNOHANG) > 0) {
              }
            }
            ::_exit(errno == ESRCH && ::waitpid(-1, nullptr, 0) < 0 ? 0 : 1);
          }
          TANGO_EXPECT(statusOf(init) == 0);
          return 0;
        }) == 0);
}

// pid_namespaces(7), "The namespace init process".
TEST_CASE("a namespace's init cannot be killed from inside, and takes all with it from outside") {
  if (!needsRoot()) return;
  CHECK(inChild([] {
          std::array<int, 2> ends{};
          TANGO_EXPECT(::pipe(ends.data()) == 0);
          const pid_t init = cloneInto(CLONE_NEWPID);
          if (init == 0) {
            if (::fork() == 0) {
              ::kill(1, SIGKILL);
              ::kill(1, SIGSTOP);
              ::kill(1, SIGTERM);
              static_cast<void>(!::write(ends[1], "x", 1));
            }
            for (;;) ::pause();
          }
          ::close(ends[1]);
          char byte = 0;
          TANGO_EXPECT(::read(ends[0], &byte, 1) == 1);
          TANGO_EXPECT(::waitpid(init, nullptr, WNOHANG | WUNTRACED) == 0);
          TANGO_EXPECT(::kill(init, SIGKILL) == 0);
          TANGO_EXPECT(statusOf(init) == 1000 + SIGKILL);
          TANGO_EXPECT(::read(ends[0], &byte, 1) == 0);  // its child, which held the pipe, is dead
          return 0;
        }) == 0);
}

// PR_SET_PDEATHSIG(2const): cleared "upon execve of a privileged program and when the credentials
// change"; commit_creds in kernel/cred.c names the fsuid and fsgid among them.
TEST_CASE("a change of user, of group or of the file system user alone clears PDEATHSIG") {
  if (!needsRoot()) return;
  const auto signalAfter = [](bool (*change)()) {
    return inChild([change] {
      int left = -1;
      TANGO_EXPECT(::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
      TANGO_EXPECT(change());
      TANGO_EXPECT(::prctl(PR_GET_PDEATHSIG, &left) == 0);
      return left == 0 ? 0 : -left;
    });
  };
  CHECK(signalAfter([] { return true; }) == -SIGKILL);
  CHECK(signalAfter([] { return ::setresuid(kNobody, kNobody, kNobody) == 0; }) == 0);
  CHECK(signalAfter([] { return ::setresgid(kNobody, kNobody, kNobody) == 0; }) == 0);
  CHECK(signalAfter([] {
          ::setfsuid(kNobody);
          ::setfsuid(0);
          return true;
        }) == 0);
  CHECK(signalAfter([] { return ::unshare(CLONE_NEWUSER) == 0; }) == -SIGKILL);
}

TEST_CASE("PDEATHSIG kills even the init of a pid namespace") {
  if (!needsRoot()) return;
  CHECK(inChild([] {
          std::array<int, 2> ends{};
          TANGO_EXPECT(::pipe(ends.data()) == 0);
          const pid_t parent = ::fork();
          if (parent == 0) {
            if (cloneInto(CLONE_NEWPID) == 0) {
              ::prctl(PR_SET_PDEATHSIG, SIGKILL);
              static_cast<void>(!::write(ends[1], "x", 1));
              for (;;) ::pause();
            }
            for (;;) ::pause();
          }
          ::close(ends[1]);
          char byte = 0;
          TANGO_EXPECT(::read(ends[0], &byte, 1) == 1);
          ::kill(parent, SIGKILL);
          TANGO_EXPECT(::read(ends[0], &byte, 1) == 0);
          statusOf(parent);
          return 0;
        }) == 0);
}

// pidfd_open(2): readable when the process ends; waitid(2), P_PIDFD (Linux 5.4).
TEST_CASE("a pidfd becomes readable when its process ends, and waitid takes it in by that") {
  CHECK(inChild([] {
          const pid_t child = ::fork();
          if (child == 0) {
            for (;;) ::pause();
          }
          const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
          TANGO_EXPECT(pidfd >= 0);
          pollfd ended{pidfd, POLLIN, 0};
          TANGO_EXPECT(::poll(&ended, 1, 0) == 0);
          ::kill(child, SIGKILL);
          TANGO_EXPECT(::poll(&ended, 1, 5'000) == 1);
          siginfo_t info{};
          TANGO_EXPECT(::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED) == 0);
          TANGO_EXPECT(info.si_code == CLD_KILLED && info.si_status == SIGKILL);
          return 0;
        }) == 0);
}

// execve(2): "signals that are set to be ignored are left unchanged".
TEST_CASE("an ignored signal stays ignored over exec") {
  const int said = inChild([] {
    ::signal(SIGPIPE, SIG_IGN);
    return ::system("grep -q 'SigIgn:.*1000$' /proc/self/status");
  });
  CHECK(said == 0);
}

// Linux 5.14, commit 21d1c5e386bc "Reimplement RLIMIT_NPROC on top of ucounts".
TEST_CASE("RLIMIT_NPROC counts a user's processes in each user namespace for itself") {
  if (!needsRoot()) return;
  CHECK(inChild([] {
          constexpr uid_t kUser = 0x6fff0000;  // nobody else's
          TANGO_EXPECT(::setresuid(kUser, kUser, kUser) == 0);
          std::array<pid_t, 6> children{};
          for (pid_t& child : children) {
            child = ::fork();
            if (child == 0) {
              ::alarm(20);
              for (;;) ::pause();
            }
          }
          const rlimit three{3, 3};
          const pid_t outside = ::fork();
          if (outside == 0) {
            ::setrlimit(RLIMIT_NPROC, &three);
            const pid_t more = ::fork();
            ::_exit(more < 0 ? 0 : 1);
          }
          const bool refused_outside = statusOf(outside) == 0;
          bool two_inside = ::unshare(CLONE_NEWUSER) == 0 && ::setrlimit(RLIMIT_NPROC, &three) == 0;
          std::array<pid_t, 3> inside{};
          for (pid_t& child : inside) {
            child = ::fork();
            if (child == 0) {
              ::alarm(20);
              for (;;) ::pause();
            }
          }
          two_inside = two_inside && inside[0] > 0 && inside[1] > 0 && inside[2] < 0;
          for (const pid_t child : children) ::kill(child, SIGKILL);
          for (const pid_t child : inside) {
            if (child > 0) ::kill(child, SIGKILL);
          }
          TANGO_EXPECT(refused_outside);
          TANGO_EXPECT(two_inside);
          return 0;
        }) == 0);
}

}  // namespace
}  // namespace tango
