// Takes more than it may have: greed WHAT.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "only_in_a_job.h"

enum { kMiB = 1 << 20, kManyMiB = 4096 };

static void* idle(void* unused) {
  pause();
  return unused;
}

// Parents that only fork, of children that do nothing.
static void forkFlat(void) {
  for (;;) {
    const pid_t pid = fork();
    if (pid == 0) idle(NULL);
    if (pid < 0) usleep(100);
  }
}

static void forkAll(void) {
  for (;;) fork();
}

// Each is another program after the next moment, so that none is there for long.
static void forkUnderExec(char** argv) {
  for (int i = 0; i < 2; ++i) {
    if (fork() == 0) break;
  }
  for (;;) {
    execv("/proc/self/exe", argv);
    usleep(100);
  }
}

static void forkThreads(void) {
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 16384);
  for (long made = 0;;) {
    pthread_t thread;
    if (pthread_create(&thread, &small, idle, NULL) == 0) {
      ++made;
    } else {
      usleep(1000);
    }
  }
}

static void touch(char* memory, size_t bytes) {
  for (size_t at = 0; at < bytes; at += 4096) memory[at] = 1;
}

static void mapMemory(int flags) {
  for (int i = 0; i < kManyMiB; ++i) {
    char* const memory = mmap(NULL, kMiB, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) exit(3);
    touch(memory, kMiB);
  }
}

static void fillFile(int file) {
  static char block[kMiB];
  memset(block, 1, sizeof block);
  for (int i = 0; i < kManyMiB; ++i) {
    if (write(file, block, sizeof block) < 0) {
      printf("refused after %d MiB\n", i);
      exit(3);
    }
  }
}

static void segments(void) {
  for (int i = 0; i < kManyMiB; ++i) {
    const int id = shmget(IPC_PRIVATE, kMiB, IPC_CREAT | 0600);
    char* const memory = id < 0 ? (char*)-1 : shmat(id, NULL, 0);
    if (memory == (char*)-1) exit(3);
    touch(memory, kMiB);
    shmdt(memory);
  }
}

static void forkAndTouch(void) {
  char* const memory = mmap(NULL, 16 * kMiB, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < 60; ++i) {
    if (fork() == 0) {
      touch(memory, 16 * kMiB);
      pause();
    }
  }
  wait(NULL);  // for one that was killed
  exit(3);
}

static void lockMemory(void) {
  char* const memory = mmap(NULL, kMiB, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  printf("mlock: %s\n", mlock(memory, kMiB) == 0 ? "allowed" : "refused");
  printf("mlockall: %s\n", mlockall(MCL_CURRENT | MCL_FUTURE) == 0 ? "allowed" : "refused");
}

// Memory that the kernel keeps for us: full pipes and sockets, message queues.
static void kernelMemory(void) {
  static char block[kMiB];
  long kept = 0;
  for (int i = 0; i < 30; ++i) {
    if (fork() != 0) continue;
    for (;;) {
      int ends[2];
      if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends) != 0 &&
          pipe2(ends, O_NONBLOCK) != 0) {
        pause();
      }
      fcntl(ends[1], F_SETPIPE_SZ, kMiB);
      while (write(ends[1], block, 65536) > 0) kept += 65536;
    }
  }
  for (int i = 0; i < 1000; ++i) {
    char name[32];
    snprintf(name, sizeof name, "/q%d", i);
    if (mq_open(name, O_CREAT | O_RDWR | O_NONBLOCK, 0600, NULL) < 0) break;
  }
  sleep(60);
}

static void attributes(const char* path) {
  static char value[65536];
  long kept = 0;
  for (int i = 0; i < 100000; ++i) {
    char name[32];
    snprintf(name, sizeof name, "user.%d", i);
    if (setxattr(path, name, value, sizeof value, 0) != 0) break;
    kept += (long)sizeof value;
  }
  printf("%ld bytes in attributes\n", kept);
}

// Files that nobody sees: written, then unlinked, and kept open.
static void unlinked(void) {
  static char block[kMiB];
  long kept = 0;
  for (int i = 0; i < 200; ++i) {
    const int file = open("hidden", O_CREAT | O_EXCL | O_WRONLY, 0600);
    if (file < 0 || unlink("hidden") != 0) break;
    const ssize_t wrote = write(file, block, sizeof block);
    if (wrote <= 0) break;
    kept += wrote;
  }
  printf("%ld bytes hidden\n", kept);
}

static void deepTree(void) {
  long depth = 0;
  while (mkdir("deeper-and-deeper", 0700) == 0 && chdir("deeper-and-deeper") == 0) ++depth;
  printf("%ld deep\n", depth);
}

static void sparse(void) {
  const int file = open("sparse", O_CREAT | O_WRONLY, 0600);
  signal(SIGXFSZ, SIG_IGN);
  printf("truncate: %s\n", ftruncate(file, 1L << 50) == 0 ? "allowed" : "refused");
  printf("write far out: %s\n", pwrite(file, "x", 1, 1L << 45) == 1 ? "allowed" : "refused");
  printf("allocate: %s\n", fallocate(file, 0, 0, 1L << 40) == 0 ? "allowed" : "refused");
}

int main(int argc, char** argv) {
  onlyInAJob();
  setvbuf(stdout, NULL, _IOLBF, 0);
  const char* const what = argc > 1 ? argv[1] : "";
  if (strcmp(what, "fork-flat") == 0) forkFlat();
  if (strcmp(what, "fork-all") == 0) forkAll();
  if (strcmp(what, "fork-exec") == 0) forkUnderExec(argv);
  if (strcmp(what, "threads") == 0) forkThreads();
  if (strcmp(what, "anonymous") == 0) mapMemory(MAP_PRIVATE);
  if (strcmp(what, "shared") == 0) mapMemory(MAP_SHARED);
  if (strcmp(what, "memfd") == 0) fillFile(memfd_create("x", 0));
  if (strcmp(what, "file") == 0) fillFile(open(argv[2], O_CREAT | O_WRONLY, 0600));
  if (strcmp(what, "segments") == 0) segments();
  if (strcmp(what, "fork-touch") == 0) forkAndTouch();
  if (strcmp(what, "mlock") == 0) lockMemory();
  if (strcmp(what, "kernel") == 0) kernelMemory();
  if (strcmp(what, "attributes") == 0) attributes(argv[2]);
  if (strcmp(what, "unlinked") == 0) unlinked();
  if (strcmp(what, "deep") == 0) deepTree();
  if (strcmp(what, "sparse") == 0) sparse();
  return 0;
}
