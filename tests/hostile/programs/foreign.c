// Calls the kernel by the tables of other ABIs, where rules for our own could miss it. foreign WHAT
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "only_in_a_job.h"

#ifdef __x86_64__
enum { kGetpid = 20, kSocketCall = 102, kSocket = 1, kAfVsock = 40, kStream = 1 };

static long call32(long number, long first, long second) {
  long result = number;
  __asm__ volatile("int $0x80"
                   : "+a"(result)
                   : "b"(first), "c"(second)
                   : "memory", "r8", "r9", "r10", "r11");
  return (int)result;
}

static void say(const char* what, long result) {
  printf("%s: %s\n", what, result >= 0 ? "allowed" : "refused");
}

int main(int argc, char** argv) {
  onlyInAJob();
  setvbuf(stdout, NULL, _IOLBF, 0);
  const char* const what = argc > 1 ? argv[1] : "";
  if (strcmp(what, "int80") == 0) say("getpid of 32 bits", call32(kGetpid, 0, 0));
  if (strcmp(what, "x32") == 0) say("getpid of x32", syscall(0x40000000 + SYS_getpid));
  if (strcmp(what, "vsock") == 0) {
    // Its arguments lie where 32 bits reach.
    int* const arguments = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    arguments[0] = kAfVsock;
    arguments[1] = kStream;
    arguments[2] = 0;
    say("vsock of 32 bits", call32(kSocketCall, kSocket, (long)arguments));
  }
  return 0;
}
#else
int main(void) {
  puts("this machine has no such table");
  return 0;
}
#endif
