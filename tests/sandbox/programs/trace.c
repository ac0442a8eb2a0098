// A debugger in small: stops its child, reads its memory and lets it go on.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile long secret = 0;

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  const pid_t child = fork();
  if (child == 0) {
    secret = 42;
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    raise(SIGSTOP);
    _exit(7);
  }
  int status = 0;
  waitpid(child, &status, 0);
  puts(WIFSTOPPED(status) ? "stopped" : "not stopped");
  errno = 0;
  const long word = ptrace(PTRACE_PEEKDATA, child, (void*)&secret, NULL);
  printf("read %ld\n", errno == 0 ? word : -1L);
  ptrace(PTRACE_CONT, child, NULL, NULL);
  waitpid(child, &status, 0);
  printf("continued: %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
  return 0;
}
