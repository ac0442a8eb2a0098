// Takes more than it may have. hog WHAT [NUMBER]
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static long number = 0;

static void busy(void) {
  for (;;) {
  }
}

static void* idle(void* unused) {
  pause();
  return unused;
}

static void touch(size_t bytes, int flags) {
  char* const memory =
      mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    perror("mmap");
    exit(1);
  }
  for (size_t at = 0; at < bytes; at += 4096) {
    memory[at] = 1;
  }
}

// Every process goes on forking until all is full.
static void forkBomb(void) {
  for (;;) {
    if (fork() < 0) {
      usleep(1000);
    }
  }
}

// Makes as many as it can, says how many, and fails.
static int countProcesses(int threads) {
  long made = 0;
  for (; made < 10000; ++made) {
    if (threads) {
      pthread_t thread;
      if (pthread_create(&thread, NULL, idle, NULL) != 0) break;
    } else {
      const pid_t pid = fork();
      if (pid < 0) break;
      if (pid == 0) idle(NULL);
    }
  }
  printf("made %ld\n", made);
  fflush(stdout);
  return 1;
}

// Fills a file at `path` until it cannot; says how much went in, and why it ended.
static int fill(const char* path) {
  static char block[65536];
  long bytes = 0;
  const int file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
  for (;;) {
    const ssize_t put = write(file, block, sizeof block);
    if (put <= 0) break;
    bytes += put;
  }
  printf("%ld bytes, %s\n", bytes, strerror(errno));
  return 0;
}

static int childDies(void) {
  const pid_t child = fork();
  if (child == 0) {
    for (;;) touch(1 << 20, MAP_PRIVATE);
  }
  int status = 0;
  waitpid(child, &status, 0);
  printf("child: signal %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
  return 0;
}

static int openMany(void) {
  int count = 0;
  while (open("/dev/null", O_RDONLY) >= 0) ++count;
  printf("%d, %s\n", count, strerror(errno));
  return 0;
}

int main(int argc, char** argv) {
  const char* const what = argc > 1 ? argv[1] : "";
  number = argc > 2 ? atol(argv[2]) : 0;
  if (strcmp(what, "busy") == 0) busy();
  if (strcmp(what, "busy2") == 0) {
    fork();
    busy();
  }
  if (strcmp(what, "ignore") == 0) {
    for (int signal_number = 1; signal_number < 65; ++signal_number) signal(signal_number, SIG_IGN);
    puts("ignoring");
    fflush(stdout);
    for (;;) pause();
  }
  if (strcmp(what, "memory") == 0) touch((size_t)number << 20, MAP_PRIVATE);
  if (strcmp(what, "shared") == 0) touch((size_t)number << 20, MAP_SHARED);
  if (strcmp(what, "many") == 0) {
    for (int i = 0; i < 8; ++i) {
      if (fork() == 0) {
        touch(((size_t)number << 20) / 8, MAP_PRIVATE);
        pause();
      }
    }
    wait(NULL);
    return 1;
  }
  if (strcmp(what, "adjust") == 0) {
    const int file = open("/proc/self/oom_score_adj", O_WRONLY);
    dprintf(file, "0");
    touch((size_t)number << 20, MAP_PRIVATE);
  }
  if (strcmp(what, "child") == 0) return childDies();
  if (strcmp(what, "forkbomb") == 0) forkBomb();
  if (strcmp(what, "forks") == 0) return countProcesses(0);
  if (strcmp(what, "threads") == 0) return countProcesses(1);
  if (strcmp(what, "fill") == 0) return fill(argv[2]);
  if (strcmp(what, "fillquietly") == 0) {
    signal(SIGXFSZ, SIG_IGN);
    return fill(argv[2]);
  }
  if (strcmp(what, "open") == 0) return openMany();
  return 0;
}
