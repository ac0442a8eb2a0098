#include "sandbox/parts/seccomp.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/unique_fd.hpp"

namespace tango::sandbox {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::systemError;

// Denied with EPERM, as an unprivileged program would see it.
constexpr std::array kForbidden = {
    // the kernel's own machinery
    "bpf", "perf_event_open", "userfaultfd", "kexec_load", "kexec_file_load", "init_module",
    "finit_module", "delete_module", "iopl", "ioperm", "lookup_dcookie", "syslog", "acct",
    "quotactl", "quotactl_fd", "reboot", "swapon", "swapoff", "uselib", "nfsservctl",
    "fanotify_init", "vhangup", "pidfd_getfd", "kcmp", "move_pages", "migrate_pages", "mbind",
    "set_mempolicy", "get_mempolicy",
    // keyrings outlive a job and are shared by all of a user's processes
    "keyctl", "add_key", "request_key",
    // mounts and namespaces
    "mount", "umount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount", "fsopen",
    "fsconfig", "fsmount", "fspick", "mount_setattr", "unshare", "setns", "name_to_handle_at",
    "open_by_handle_at",
    // clocks and names of the host
    "settimeofday", "clock_settime", "stime", "adjtimex", "clock_adjtime", "sethostname",
    "setdomainname"};

// Denied with ENOSYS, so that programs fall back to the older call that does the same.
constexpr std::array kAbsent = {"io_uring_setup", "io_uring_enter", "io_uring_register", "clone3"};

// Named objects that all of an ipc namespace share. As of a kernel that is built without them.
constexpr std::array kNamedIpc = {"shmget",     "shmat",   "shmctl",   "semget", "semop",
                                  "semtimedop", "semctl",  "msgget",   "msgsnd", "msgrcv",
                                  "msgctl",     "mq_open", "mq_unlink"};

// From the lowest to the highest.
constexpr std::array kSocketFamilies = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};

constexpr std::array kNewNamespaceFlags = {CLONE_NEWUSER,  CLONE_NEWNS,  CLONE_NEWPID,
                                           CLONE_NEWNET,   CLONE_NEWIPC, CLONE_NEWUTS,
                                           CLONE_NEWCGROUP};

using Context = std::unique_ptr<void, decltype(&seccomp_release)>;

int deny(scmp_filter_ctx context, const char* name, std::uint32_t action) {
  const int call = seccomp_syscall_resolve_name(name);
  // A call that this libseccomp does not know by name, or that this machine does not have.
  return call < 0 ? 0 : seccomp_rule_add(context, action, call, 0);
}

scmp_arg_cmp argument(unsigned index, scmp_compare how, scmp_datum_t mask, scmp_datum_t value) {
  return {index, how, mask, value};
}

// The half of an argument that counts where the kernel takes an int.
constexpr scmp_datum_t kLow = 0xffffffff;

// Families and protocols are ints, of which the kernel takes the low half. A rule for all above a
// number looks at both: what a program leaves in the high one can only make it deny more.
int limitSockets(scmp_filter_ctx context) {
  constexpr int kHighest = kSocketFamilies.back();
  int failure = 0;
  const auto add = [&failure](int result) { failure = failure == 0 ? result : failure; };
  const auto refuse = [&](const scmp_arg_cmp& family) {
    add(seccomp_rule_add(context, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1, family));
  };
  for (int family = 0; family < kHighest; ++family) {
    if (std::find(kSocketFamilies.begin(), kSocketFamilies.end(), family) ==
        kSocketFamilies.end()) {
      refuse(argument(0, SCMP_CMP_MASKED_EQ, kLow, static_cast<scmp_datum_t>(family)));
    }
  }
  refuse(scmp_arg_cmp{0, SCMP_CMP_GT, kHighest, 0});
  // Of netlink only routing, which getifaddrs and getaddrinfo ask.
  add(seccomp_rule_add(context, SCMP_ACT_ERRNO(EPROTONOSUPPORT), SCMP_SYS(socket), 2,
                       argument(0, SCMP_CMP_MASKED_EQ, kLow, AF_NETLINK),
                       scmp_arg_cmp{2, SCMP_CMP_NE, NETLINK_ROUTE, 0}));
  return failure;
}

// One of a pair of datagram sockets can be connected anew, with any socket that has a name.
int withholdSockets(scmp_filter_ctx context) {
  constexpr scmp_datum_t kTypeMask = 0xf;
  int failure = seccomp_rule_add(context, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(socket), 0);
  for (const scmp_datum_t type : {scmp_datum_t{SOCK_DGRAM}, scmp_datum_t{SOCK_RAW}}) {
    const int added = seccomp_rule_add(context, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(socketpair), 1,
                                       argument(1, SCMP_CMP_MASKED_EQ, kTypeMask, type));
    failure = failure == 0 ? added : failure;
  }
  return failure;
}

int addRules(scmp_filter_ctx context, Withheld withheld) {
  int failure = 0;
  const auto add = [&failure](int result) { failure = failure == 0 ? result : failure; };
  for (const char* name : kForbidden) {
    add(deny(context, name, SCMP_ACT_ERRNO(EPERM)));
  }
  for (const char* name : kAbsent) {
    add(deny(context, name, SCMP_ACT_ERRNO(ENOSYS)));
  }
  for (const int flag : kNewNamespaceFlags) {
    const auto mask = static_cast<scmp_datum_t>(static_cast<unsigned>(flag));
    add(seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                         argument(0, SCMP_CMP_MASKED_EQ, mask, mask)));
  }
  if (withheld.named_ipc) {
    for (const char* name : kNamedIpc) {
      add(deny(context, name, SCMP_ACT_ERRNO(ENOSYS)));
    }
  }
  add(withheld.sockets ? withholdSockets(context) : limitSockets(context));
  // Another process's limits: where the job's init has the job's own id, it must not be held back.
  add(seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(prlimit64), 2,
                       scmp_arg_cmp{0, SCMP_CMP_NE, 0, 0}, scmp_arg_cmp{2, SCMP_CMP_NE, 0, 0}));
  // Typing into somebody's terminal.
  constexpr scmp_datum_t kTiocsti = 0x5412;
  constexpr scmp_datum_t kTioclinux = 0x541C;
  for (const scmp_datum_t request : {kTiocsti, kTioclinux}) {
    add(seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
                         argument(1, SCMP_CMP_MASKED_EQ, kLow, request)));
  }
  return failure;
}

}  // namespace

Result<std::vector<sock_filter>> makeSeccompFilter(Withheld withheld) {
  const Context context(seccomp_init(SCMP_ACT_ALLOW), &seccomp_release);
  if (context == nullptr) {
    return Error(ErrorKind::kSystem, "seccomp_init failed");
  }
  // A call made through another ABI (32 bit, x32) would slip past the numbers below.
  int failure = seccomp_attr_set(context.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  failure = failure == 0 ? seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2) : failure;
  failure = failure == 0 ? addRules(context.get(), withheld) : failure;
  if (failure != 0) {
    return systemError(-failure, "make the seccomp filter");
  }
  const base::UniqueFd file(::memfd_create("seccomp", MFD_CLOEXEC));
  if (!file || seccomp_export_bpf(context.get(), file.get()) != 0) {
    return Error(ErrorKind::kSystem, "cannot export the seccomp filter");
  }
  const off_t bytes = ::lseek(file.get(), 0, SEEK_END);
  std::vector<sock_filter> filter(static_cast<std::size_t>(bytes) / sizeof(sock_filter));
  if (::pread(file.get(), filter.data(), static_cast<std::size_t>(bytes), 0) != bytes) {
    return systemError(errno, "read the seccomp filter");
  }
  return filter;
}

bool installSeccompFilter(const std::vector<sock_filter>& filter) {
  sock_fprog program{};
  program.len = static_cast<unsigned short>(filter.size());
  program.filter = const_cast<sock_filter*>(filter.data());  // the kernel only reads
  return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

}  // namespace tango::sandbox
