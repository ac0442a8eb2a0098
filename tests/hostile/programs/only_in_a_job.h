// These programs do harm where nothing holds them: they refuse to run anywhere but in a job.
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline void onlyInAJob(void) {
  char folder[4096];
  if (getuid() == 0 || geteuid() == 0 || getcwd(folder, sizeof folder) == NULL ||
      strcmp(folder, "/home/autograde/autolab") != 0 || getenv("MARK") == NULL) {
    fputs("this is an attack: it runs as a job of tests/hostile alone\n", stderr);
    exit(64);
  }
}
