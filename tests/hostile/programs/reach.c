// Reaches for what is outside, and leaves things behind: reach WHAT [ARGUMENT...]
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <semaphore.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "only_in_a_job.h"

static void say(const char* what, int done) {
  printf("%s: %s\n", what, done ? "allowed" : "refused");
}

static int inTime(int fd) {
  const struct timeval patience = {0, 300000};
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  return fd;
}

static int connects(const char* address, int port) {
  struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
  struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  const int is_four = inet_pton(AF_INET, address, &four.sin_addr) == 1;
  if (!is_four) inet_pton(AF_INET6, address, &six.sin6_addr);
  const int fd = inTime(socket(is_four ? AF_INET : AF_INET6, SOCK_STREAM, 0));
  const int done = is_four ? connect(fd, (struct sockaddr*)&four, sizeof four)
                           : connect(fd, (struct sockaddr*)&six, sizeof six);
  close(fd);
  return done == 0;
}

static int sends(const char* address, int port) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  const int yes = 1, fd = socket(AF_INET, SOCK_DGRAM, 0);
  inet_pton(AF_INET, address, &to.sin_addr);
  setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &yes, sizeof yes);
  const ssize_t sent = sendto(fd, "x", 1, 0, (struct sockaddr*)&to, sizeof to);
  close(fd);
  return sent == 1;
}

static socklen_t unixName(struct sockaddr_un* name, const char* text, int abstract) {
  memset(name, 0, sizeof *name);
  name->sun_family = AF_UNIX;
  strncpy(name->sun_path + abstract, text, sizeof name->sun_path - 2);
  return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(text) + 1);
}

static int connectsUnix(const char* text, int abstract) {
  struct sockaddr_un name;
  const socklen_t length = unixName(&name, text, abstract);
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  const int done = connect(fd, (struct sockaddr*)&name, abstract ? length : sizeof name);
  close(fd);
  return done == 0;
}

static void service(int port) {
  say("the host's service on 127.0.0.1", connects("127.0.0.1", port));
}

static void network(int port) {
  service(port);
  say("the host's service on 127.9.9.9", connects("127.9.9.9", port));
  say("the host's service on 0.0.0.0", connects("0.0.0.0", port));
  say("the host's service on ::1", connects("::1", port));
  say("the host's service on ::ffff:127.0.0.1", connects("::ffff:127.0.0.1", port));
  for (int each = 1; each < 10000; ++each) {
    if (connects("127.0.0.1", each)) printf("port %d: allowed\n", each);
  }
  static const char* const addresses[] = {"169.254.169.254", "169.254.170.2", "fd00:ec2::254",
                                          "100.100.100.200", "10.0.2.2", "172.17.0.1",
                                          "192.168.0.1", "1.1.1.1", "fe80::1"};
  for (unsigned i = 0; i < sizeof addresses / sizeof addresses[0]; ++i) {
    say(addresses[i], connects(addresses[i], 80));
  }
  say("a name server", sends("8.8.8.8", 53));
  say("a broadcast", sends("255.255.255.255", 67));
  say("a multicast", sends("224.0.0.251", 5353));
}

static void unixSockets(int count, char** names) {
  for (int i = 0; i < count; ++i) {
    say(names[i], connectsUnix(names[i] + (names[i][0] == '@'), names[i][0] == '@'));
  }
}

// SysV and POSIX objects, sockets and locks that the next job could find.
static void leave(const char* mark) {
  char name[128];
  const key_t key = (key_t)strtol(mark + strlen(mark) - 6, NULL, 16);
  snprintf(name, sizeof name, "/%s", mark);
  shmget(key, 4096, IPC_CREAT | 0666);
  msgget(key, IPC_CREAT | 0666);
  semget(key, 1, IPC_CREAT | 0666);
  shm_open(name, O_CREAT | O_RDWR, 0666);
  mq_open(name, O_CREAT | O_RDWR, 0666, NULL);
  sem_open(name, O_CREAT, 0666, 1);
  if (fork() != 0) return;
  setsid();
  for (int number = 1; number < 65; ++number) signal(number, SIG_IGN);
  struct sockaddr_un address;
  const socklen_t length = unixName(&address, mark, 1);
  const int local = socket(AF_UNIX, SOCK_STREAM, 0), tcp = socket(AF_INET, SOCK_STREAM, 0);
  const struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(8080)};
  if (bind(local, (struct sockaddr*)&address, length) == 0) listen(local, 1);
  if (bind(tcp, (const struct sockaddr*)&any, sizeof any) == 0) listen(tcp, 1);
  for (int i = 0; i < 64; ++i) connects("127.0.0.1", 8080 + i);
  flock(open("/usr/bin/make", O_RDONLY), LOCK_EX);
  syscall(SYS_add_key, "user", mark, "x", 1, -4);
  fclose(stdout);
  fclose(stderr);
  for (;;) pause();
}

// What of that is found.
static void look(void) {
  const int lock = open("/usr/bin/make", O_RDONLY);
  say("a lock that somebody has", lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) != 0);
  say("a service on 8080", connects("127.0.0.1", 8080));
}

// Addresses and routes of its own: netlink needs rights for that, and ioctl too.
static void changeNetwork(void) {
  struct {
    unsigned length;
    unsigned short type, flags;
    unsigned sequence, pid;
    unsigned char family, unused;
    unsigned short kind;
    int index;
    unsigned up, change;
  } message = {32, 16, 5, 1, 0, 0, 0, 0, 1, 0, 1}, answer[64];
  const int fd = socket(AF_NETLINK, SOCK_RAW, 0);
  (void)!send(fd, &message, 32, 0);
  int error = -1;
  if (recv(fd, answer, sizeof answer, 0) >= 20) error = *((int*)answer + 4);
  say("take the loopback down", error == 0);
}

int main(int argc, char** argv) {
  onlyInAJob();
  setvbuf(stdout, NULL, _IOLBF, 0);
  const char* const what = argc > 1 ? argv[1] : "";
  if (strcmp(what, "service") == 0) service(atoi(argv[2]));
  if (strcmp(what, "network") == 0) network(atoi(argv[2]));
  if (strcmp(what, "change") == 0) changeNetwork();
  if (strcmp(what, "unix") == 0) unixSockets(argc - 2, argv + 2);
  if (strcmp(what, "leave") == 0) leave(argv[2]);
  if (strcmp(what, "look") == 0) look();
  return 0;
}
