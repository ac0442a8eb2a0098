// An honest job: computes, has children, and writes and reads files. honest SEED
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static uint64_t mix(uint64_t value, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    value ^= value << 13;
    value ^= value >> 7;
    value ^= value << 17;
  }
  return value;
}

// By a file, as a compiler and a test would hand it on.
static uint64_t throughChild(uint64_t value) {
  char path[] = "/tmp/honest-XXXXXX";
  const int file = mkstemp(path);
  if (file < 0) exit(1);
  const pid_t child = fork();
  if (child < 0) exit(1);
  if (child == 0) {
    value = mix(value, 6000000);
    _exit(write(file, &value, sizeof value) == sizeof value ? 0 : 1);
  }
  int status = 1;
  if (waitpid(child, &status, 0) != child || status != 0) exit(1);
  if (pread(file, &value, sizeof value, 0) != sizeof value) exit(1);
  unlink(path);
  return value;
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  uint64_t value = strtoull(argv[1], NULL, 10) | 1;
  const size_t words = 1 << 20;
  uint64_t* const memory = malloc(words * sizeof *memory);
  if (memory == NULL) return 1;
  for (int round = 0; round < 4; ++round) {
    value = throughChild(value);
    for (size_t i = 0; i < words; ++i) memory[i] = value + i;
    value = mix(memory[value % words] * 2 + 1, 64);
  }
  printf("honest %llu\n", (unsigned long long)value);
  return 0;
}
