// Fights what runs it: signals, traces, output channels. war WHAT
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "only_in_a_job.h"

static void say(const char* what, long pid, long result) {
  if (pid >= 0) {
    printf("%s %ld: %s\n", what, pid, result < 0 ? "refused" : "allowed");
  } else {
    printf("%s: %s\n", what, result < 0 ? "refused" : "allowed");
  }
}

static void ignoreAll(void) {
  for (int number = 1; number < 65; ++number) signal(number, SIG_IGN);
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, NULL);
}

// Threads of control that stop, wake and fork each other for ever.
static void warForEver(void) {
  ignoreAll();
  for (int i = 0; i < 3; ++i) fork();
  for (;;) {
    kill(-1, SIGSTOP);
    kill(-1, SIGCONT);
    fork();
  }
}

static int isOurs(long pid) {
  char path[64];
  struct stat status;
  snprintf(path, sizeof path, "/proc/%ld", pid);
  return stat(path, &status) == 0 && status.st_uid == getuid();
}

static void tryProcess(long pid) {
  char byte = 0, path[64];
  struct iovec local = {&byte, 1}, remote = {(void*)0x400000, 1};
  const struct rlimit none = {0, 0};
  say("ptrace", pid, ptrace(PTRACE_SEIZE, pid, NULL, NULL));
  say("read memory of", pid, process_vm_readv(pid, &local, 1, &remote, 1, 0));
  say("write memory of", pid, process_vm_writev(pid, &local, 1, &remote, 1, 0));
  static const char* const files[] = {"mem", "environ", "maps", "auxv", "syscall", "stack",
                                      "root", "cwd", "exe", "fd", "fdinfo", "map_files",
                                      "ns/mnt", "ns/user"};
  for (unsigned i = 0; i < sizeof files / sizeof files[0]; ++i) {
    snprintf(path, sizeof path, "/proc/%ld/%s", pid, files[i]);
    const int file = open(path, O_RDONLY);
    // What opens may still refuse to be read, as `auxv` and `environ` of a forbidden process.
    struct stat status;
    const int opened = file >= 0 && fstat(file, &status) == 0 &&
                       (S_ISDIR(status.st_mode) || read(file, &byte, 1) == 1);
    say(path, -1, opened ? 0 : -1);
    close(file);
  }
  say("prlimit", pid, syscall(SYS_prlimit64, pid, RLIMIT_NOFILE, &none, NULL));
  say("pidfd_getfd", pid, syscall(438, syscall(434, pid, 0), 0, 0));
  const int signals[] = {SIGSTOP, SIGINT, SIGTERM, SIGQUIT, SIGKILL};
  for (unsigned i = 0; i < sizeof signals / sizeof signals[0]; ++i) {
    say("signal", pid, kill((pid_t)pid, signals[i]));
  }
}

// All that is to be seen and is not the job's own, and what may be hidden.
static void otherProcesses(void) {
  long tried = 0;
  for (long pid = 1; pid <= 64; ++pid) {
    if (isOurs(pid) || (kill((pid_t)pid, 0) != 0 && errno == ESRCH)) continue;
    tryProcess(pid);
    ++tried;
  }
  printf("tried %ld\n", tried);
}

// The service's pipe, made unfit.
static void spoilOutput(void) {
  puts("begun");
  fcntl(1, F_SETFL, O_NONBLOCK | O_ASYNC | O_DIRECT);
  fcntl(1, F_SETPIPE_SZ, 4096);
  fcntl(1, F_SETOWN, 1);
  fcntl(1, F_SETSIG, SIGKILL);
  fchmod(1, 0);
  const int back = open("/proc/self/fd/1", O_RDWR | O_NONBLOCK);
  char stolen[4096];
  for (int i = 0; i < 1000; ++i) {
    if (write(1, "output that is taken back\n", 26) < 0 && errno == EAGAIN) usleep(1000);
    if (back >= 0) (void)!read(back, stolen, sizeof stolen);
  }
  fcntl(1, F_SETFL, 0);
  puts("ended");
}

// Descriptors beyond the three that a job has.
static void descriptors(void) {
  for (int number = 0; number < 4096; ++number) {
    char path[64], target[256];
    snprintf(path, sizeof path, "/proc/self/fd/%d", number);
    const ssize_t length = readlink(path, target, sizeof target - 1);
    if (length < 0) continue;
    target[length] = 0;
    printf("%d %.*s\n", number, (int)strcspn(target, ":"), target);
  }
}

// Timers and alarms that shall hit whoever comes after us.
static void timers(void) {
  const struct itimerval soon = {{0, 1000}, {0, 1000}};
  ignoreAll();
  for (int i = 0; i < 64; ++i) {
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
    const struct itimerspec often = {{0, 100000}, {0, 100000}};
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) == 0) timer_settime(timer, 0, &often, NULL);
  }
  setitimer(ITIMER_REAL, &soon, NULL);
  puts("set");
}

static void busy(void) {
  ignoreAll();
  fork();
  fork();
  for (;;) {
  }
}

// Whatever can still be closed is, and the parents are gone.
static void detached(void) {
  ignoreAll();
  for (int i = 0; i < 3; ++i) {
    if (fork() != 0) _exit(0);
    setsid();
  }
  prctl(PR_SET_PDEATHSIG, 0);
  prctl(PR_SET_NAME, "kworker/0:1");
  for (;;) pause();
}

int main(int argc, char** argv) {
  onlyInAJob();
  setvbuf(stdout, NULL, _IOLBF, 0);
  const char* const what = argc > 1 ? argv[1] : "";
  if (strcmp(what, "war") == 0) warForEver();
  if (strcmp(what, "others") == 0) otherProcesses();
  if (strcmp(what, "spoil") == 0) spoilOutput();
  if (strcmp(what, "descriptors") == 0) descriptors();
  if (strcmp(what, "timers") == 0) timers();
  if (strcmp(what, "busy") == 0) busy();
  if (strcmp(what, "detached") == 0) detached();
  return 0;
}
