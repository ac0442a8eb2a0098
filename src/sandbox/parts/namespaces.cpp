#include "sandbox/parts/namespaces.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sandbox/parts/cgroup_files.hpp"

namespace tango::sandbox {
namespace {

using base::systemError;

// Far above what adduser and subuid hand out; each launcher has 4096 ids by its pid, each slot 4.
constexpr uid_t kFirstHostId = 0x70000000;
constexpr uid_t kLauncherIds = 4096;
constexpr uid_t kSlotIds = 4;
constexpr uid_t kLaunchers = 1 << 15;

// The end of the highest range of ids that this process's own user namespace has.
std::uint64_t idsEnd() {
  std::uint64_t end = 0;
  for (const std::string& line : split(readFileAt(AT_FDCWD, "/proc/self/uid_map"), '\n')) {
    unsigned long inside = 0;
    unsigned long outside = 0;
    unsigned long count = 0;
    if (std::sscanf(line.c_str(), "%lu %lu %lu", &inside, &outside, &count) == 3) {
      end = std::max<std::uint64_t>(end, inside + count);
    }
  }
  return end;
}

Result<void> writeMap(pid_t pid, const char* file, const std::string& lines) {
  const std::string path = "/proc/" + std::to_string(pid) + "/" + file;
  return writeFileAt(AT_FDCWD, path.c_str(), lines);
}

std::string mapLine(std::uint64_t inside, std::uint64_t host) {
  return std::to_string(inside) + " " + std::to_string(host) + " 1\n";
}

std::string mapLines(const IdMap& map, std::uint64_t job, std::uint64_t student,
                     std::uint64_t host) {
  return map.two_ids ? mapLine(0, host) + mapLine(job, host + 1) + mapLine(student, host + 2)
                     : mapLine(job, host);
}

}  // namespace

IdMap chooseIds(unsigned slot) {
  if (::geteuid() != 0) {
    return {false, ::geteuid(), ::getegid()};
  }
  const uid_t offset = slot * kSlotIds % kLauncherIds;
  uid_t id = kFirstHostId + static_cast<uid_t>(::getpid()) % kLaunchers * kLauncherIds + offset;
  const std::uint64_t end = idsEnd();
  if (end < kFirstHostId + std::uint64_t{kLaunchers} * kLauncherIds) {
    // Root of a container with fewer ids: the upper end of what there is.
    id = static_cast<uid_t>(end - std::min<std::uint64_t>(end, 2 * kLauncherIds)) + offset;
  }
  return {true, id, id};
}

Result<void> mapIds(pid_t pid, const IdMap& map, JobUser user) {
  if (!map.two_ids) {
    // user_namespaces(7): without privilege, gid_map may be written only after this.
    if (Result<void> denied = writeMap(pid, "setgroups", "deny"); !denied) {
      return denied;
    }
  }
  const JobUser student = studentBeside(user);
  if (Result<void> mapped =
          writeMap(pid, "uid_map", mapLines(map, user.uid, student.uid, map.host_uid));
      !mapped) {
    return mapped;
  }
  return writeMap(pid, "gid_map", mapLines(map, user.gid, student.gid, map.host_gid));
}

Result<void> bringLoopbackUp() {
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strncpy(request.ifr_name, "lo", IFNAMSIZ - 1);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (!socket || ::ioctl(socket.get(), SIOCSIFFLAGS, &request) != 0) {
    return systemError(errno, "bring up the loopback interface");
  }
  return {};
}

}  // namespace tango::sandbox
