/* Preloaded into a program, it gives that program another time of day, and leaves its other clocks
   and its timers as they are. libfaketime will not do: it takes every timer's absolute time for a
   time of day, those of the monotonic clock too.

   The file $SHIFTED_CLOCK holds an int64_t, by how many seconds the time of day is ahead; whoever
   writes to it sets the clock at once. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *ahead;
static int (*true_clock_gettime)(clockid_t, struct timespec *);

__attribute__((constructor)) static void begin(void) {
  const int fd = open(getenv("SHIFTED_CLOCK"), O_RDONLY | O_CLOEXEC);
  void *page = mmap(NULL, sizeof *ahead, PROT_READ, MAP_SHARED, fd, 0);
  if (fd < 0 || page == MAP_FAILED) {
    abort();
  }
  close(fd);
  true_clock_gettime =
      (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  ahead = page;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  if (true_clock_gettime == NULL) { /* another library's constructor */
    begin();
  }
  const int result = true_clock_gettime(clock, now);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    now->tv_sec += *ahead;
  }
  return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  (void)zone;
  struct timespec precise;
  clock_gettime(CLOCK_REALTIME, &precise);
  now->tv_sec = precise.tv_sec;
  now->tv_usec = precise.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *into) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (into != NULL) {
    *into = now.tv_sec;
  }
  return now.tv_sec;
}
