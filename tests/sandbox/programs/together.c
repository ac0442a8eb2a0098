// What the processes of one job share and say to each other. With the argument "clone3": what that
// call answers.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int ran = 0;

static void* count(void* unused) {
  pthread_mutex_lock(&lock);
  ++ran;
  pthread_mutex_unlock(&lock);
  return unused;
}

static void say(const char* what, int ok) {
  printf("%s %s\n", what, ok ? "ok" : strerror(errno));
}

static int pipeWorks(void) {
  int ends[2];
  char byte = 0;
  if (pipe(ends) != 0) return 0;
  if (fork() == 0) {
    _exit(write(ends[1], "x", 1) == 1 ? 0 : 1);
  }
  int status = 1;
  wait(&status);
  return read(ends[0], &byte, 1) == 1 && byte == 'x' && status == 0;
}

int main(int argc, char** argv) {
  if (argc > 1 && strcmp(argv[1], "clone3") == 0) {
    puts(syscall(SYS_clone3, NULL, 0) < 0 ? strerror(errno) : "made");
    return 0;
  }
  setvbuf(stdout, NULL, _IONBF, 0);
  pthread_t threads[4];
  for (int i = 0; i < 4; ++i) {
    if (pthread_create(&threads[i], NULL, count, NULL) != 0) return 1;
  }
  for (int i = 0; i < 4; ++i) pthread_join(threads[i], NULL);
  printf("threads %d\n", ran);
  say("pipe", pipeWorks());
  say("sem_open", sem_open("/a", O_CREAT | O_EXCL, 0600, 1) != SEM_FAILED);
  const int shm = shm_open("/b", O_CREAT | O_EXCL | O_RDWR, 0600);
  say("shm_open", shm >= 0 && ftruncate(shm, 4096) == 0 &&
                      mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, shm, 0) != MAP_FAILED);
  say("mq_open", mq_open("/c", O_CREAT | O_EXCL | O_RDWR, 0600, NULL) >= 0);
  say("shmget", shmget(42, 4096, IPC_CREAT | IPC_EXCL | 0600) >= 0);
  say("semget", semget(42, 1, IPC_CREAT | IPC_EXCL | 0600) >= 0);
  say("msgget", msgget(42, IPC_CREAT | IPC_EXCL | 0600) >= 0);
  say("mmap exec", mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
  return 0;
}
