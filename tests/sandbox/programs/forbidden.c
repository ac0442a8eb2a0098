// Asks the kernel for what a job must not get, and says for each how it was answered. A line
// "name: allowed" is a hole.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static void say(const char* name, long result) {
  printf("%s: %s\n", name, result < 0 ? strerrorname_np(errno) : "allowed");
}

static void namespaces(void) {
  static const struct {
    const char* name;
    int flag;
  } kinds[] = {{"user", CLONE_NEWUSER},    {"mount", CLONE_NEWNS}, {"pid", CLONE_NEWPID},
               {"net", CLONE_NEWNET},      {"ipc", CLONE_NEWIPC},  {"uts", CLONE_NEWUTS},
               {"cgroup", CLONE_NEWCGROUP}};
  char name[64];
  for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; ++i) {
    snprintf(name, sizeof name, "unshare %s", kinds[i].name);
    say(name, unshare(kinds[i].flag));
    snprintf(name, sizeof name, "clone %s", kinds[i].name);
    fflush(stdout);
    const long pid = syscall(SYS_clone, kinds[i].flag | SIGCHLD, NULL, NULL, NULL, 0);
    if (pid == 0) _exit(0);
    say(name, pid);
  }
  say("unshare user and mount", unshare(CLONE_NEWUSER | CLONE_NEWNS));
  const int own = open("/proc/self/ns/user", O_RDONLY);
  say("setns", own < 0 ? -1 : setns(own, CLONE_NEWUSER));
}

static void mounts(void) {
  say("mount tmpfs", mount("x", "/tmp", "tmpfs", 0, NULL));
  say("mount proc", mount("x", "/tmp", "proc", 0, NULL));
  say("remount root", mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL));
  say("remount usr", mount(NULL, "/usr", NULL, MS_REMOUNT | MS_BIND, NULL));
  say("bind", mount("/", "/tmp", NULL, MS_BIND | MS_REC, NULL));
  say("umount home", umount2("/home", MNT_DETACH));
  say("umount proc", umount2("/proc", MNT_DETACH));
  say("umount tmp", umount2("/tmp", 0));
  say("pivot_root", syscall(SYS_pivot_root, "/tmp", "/tmp"));
  say("chroot", chroot("/tmp"));
  say("open_tree", syscall(428, AT_FDCWD, "/", 1 | AT_RECURSIVE));
  say("fsopen", syscall(430, "tmpfs", 0));
  say("open_tree_attr", syscall(467, AT_FDCWD, "/", 1, NULL, 0));
}

static void sockets(void) {
  say("socket AF_VSOCK", socket(AF_VSOCK, SOCK_STREAM, 0));
  say("socket AF_ALG", socket(AF_ALG, SOCK_SEQPACKET, 0));
  say("socket AF_PACKET", socket(AF_PACKET, SOCK_RAW, 0));
  say("socket AF_BLUETOOTH", socket(AF_BLUETOOTH, SOCK_RAW, 0));
  say("socket AF_XDP", socket(AF_XDP, SOCK_RAW, 0));
  say("socket AF_KEY", socket(AF_KEY, SOCK_RAW, 0));
  say("socket AF_TIPC", socket(AF_TIPC, SOCK_RAW, 0));
  say("socket family beyond all", socket(100000, SOCK_RAW, 0));
  say("socket raw", socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
  say("socket raw 6", socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6));
  say("socket ping", socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP));
  say("socket packet of old", socket(AF_INET, SOCK_PACKET, 0));
  say("socket AF_VSOCK by its low half", syscall(SYS_socket, 1l << 32 | AF_VSOCK, SOCK_STREAM, 0));
  say("netlink audit by its low half",
      syscall(SYS_socket, AF_NETLINK, SOCK_RAW, 1l << 32 | NETLINK_AUDIT));
  say("netlink audit by two low halves",
      syscall(SYS_socket, 1l << 32 | AF_NETLINK, SOCK_RAW, 1l << 32 | NETLINK_AUDIT));
  say("netlink audit", socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT));
  say("netlink netfilter", socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER));
  say("netlink xfrm", socket(AF_NETLINK, SOCK_RAW, NETLINK_XFRM));
  say("netlink generic", socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC));
  say("netlink sock_diag", socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG));
  say("netlink uevent", socket(AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT));
}

static void kernel(void) {
  char buffer[256];
  union bpf_attr attributes;
  struct perf_event_attr event = {
      .type = PERF_TYPE_SOFTWARE, .size = sizeof event, .exclude_kernel = 1};
  memset(&attributes, 0, sizeof attributes);
  attributes.map_type = BPF_MAP_TYPE_ARRAY;
  attributes.key_size = attributes.value_size = 4;
  attributes.max_entries = 1;
  say("bpf", syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof attributes));
  say("perf_event_open", syscall(SYS_perf_event_open, &event, 0, -1, -1, 0));
  say("userfaultfd", syscall(SYS_userfaultfd, 1));
  say("io_uring_setup", syscall(425, 1, buffer));
  say("add_key", syscall(SYS_add_key, "user", "tango", "x", 1, KEY_SPEC_USER_KEYRING));
  say("keyctl", syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_KEYRING, 1));
  say("request_key", syscall(SYS_request_key, "user", "tango", NULL, 0));
  say("syslog", syscall(SYS_syslog, 3, buffer, sizeof buffer));
  say("init_module", syscall(SYS_init_module, buffer, 0, ""));
  say("kexec_load", syscall(SYS_kexec_load, 0, 0, NULL, 0));
  say("reboot", syscall(SYS_reboot, 0, 0, 0, NULL));
  say("swapoff", syscall(SYS_swapoff, "/none"));
  say("ioperm", ioperm(0x80, 1, 1));
  say("iopl", iopl(3));
  say("settimeofday", settimeofday(&(struct timeval){1, 0}, NULL));
  say("sethostname", sethostname("x", 1));
  say("acct", syscall(SYS_acct, NULL));
  say("open_by_handle_at", syscall(SYS_open_by_handle_at, AT_FDCWD, buffer, O_RDONLY));
  say("pidfd_getfd", syscall(438, 0, 0, 0));
  say("move_pages", syscall(SYS_move_pages, 1, 0, NULL, NULL, NULL, 0));
  say("nice -5", setpriority(PRIO_PROCESS, 0, -5));
  struct sched_param realtime = {.sched_priority = 1};
  say("real time", sched_setscheduler(0, SCHED_RR, &realtime));
  say("setuid 0", setuid(0));
  say("setgid 0", setgid(0));
  say("setgroups", syscall(SYS_setgroups, 1, &(int){0}));
  say("keep capabilities", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 21, 0, 0));
  say("no_new_privs off", prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
  say("mknod", mknod("/tmp/disk", S_IFBLK | 0600, makedev(8, 0)));
  say("chown to root", chown("/tmp", 0, 0));
}

static void init(void) {
  char byte = 0;
  struct iovec local = {&byte, 1}, remote = {(void*)0x400000, 1};
  struct rlimit none = {0, 0};
  cpu_set_t first;
  CPU_ZERO(&first);
  CPU_SET(0, &first);
  say("ptrace attach init", ptrace(PTRACE_ATTACH, 1, NULL, NULL));
  say("ptrace seize init", ptrace(PTRACE_SEIZE, 1, NULL, NULL));
  say("read init's memory", process_vm_readv(1, &local, 1, &remote, 1, 0));
  say("limit init's files", syscall(SYS_prlimit64, 1, RLIMIT_FSIZE, &none, NULL));
  say("slow init down", setpriority(PRIO_PROCESS, 1, 19));
  say("bind init to a core", sched_setaffinity(1, sizeof first, &first));
  say("open init's memory", open("/proc/1/mem", O_RDWR));
  say("open init's environment", open("/proc/1/environ", O_RDONLY));
  say("look at init's root", open("/proc/1/root", O_RDONLY));
  say("look at init's files", open("/proc/1/fd", O_RDONLY));
}

static void terminal(void) {
  const int master = posix_openpt(O_RDWR | O_NOCTTY);
  if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) puts("no terminal");
  const int slave = open(ptsname(master), O_RDWR);
  say("TIOCSTI", ioctl(slave, TIOCSTI, "x"));
  say("TIOCSTI with high bits", syscall(SYS_ioctl, slave, 0xffffffff00000000ul | TIOCSTI, "x"));
}

int main(int argc, char** argv) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  const char* const what = argc > 1 ? argv[1] : "";
  if (strcmp(what, "namespaces") == 0) namespaces();
  if (strcmp(what, "mounts") == 0) mounts();
  if (strcmp(what, "sockets") == 0) sockets();
  if (strcmp(what, "kernel") == 0) kernel();
  if (strcmp(what, "init") == 0) init();
  if (strcmp(what, "terminal") == 0) terminal();
  if (strcmp(what, "x32") == 0) say("x32", syscall(0x40000000 + SYS_getpid));
  if (strcmp(what, "int80") == 0) {
    long result = 20;  // getpid of the 32-bit table
    __asm__ volatile("int $0x80" : "+a"(result) : : "memory");
    printf("int80: %s\n", result > 0 ? "allowed" : "denied");
  }
  return 0;
}
