#include "sandbox/student/consumption.hpp"

#include <array>
#include <cstdio>
#include <string>

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sandbox/parts/cgroup_files.hpp"

namespace tango::sandbox {
namespace {

std::uint64_t micros(const timeval& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 +
         static_cast<std::uint64_t>(time.tv_usec);
}

// Adds what /proc/PID/stat says, proc(5): after the name, which may hold anything, the 12th to the
// 15th field are times (own and of children that it waited for), the 22nd the resident pages.
void add(Consumption& sum, const std::string& stat) {
  static const auto ticks = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  static const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) {
    return;
  }
  std::array<long long, 5> fields{};
  const int read = std::sscanf(stat.c_str() + name_end + 1,
                               " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lld %lld %lld %lld "
                               "%*d %*d %*d %*d %*u %*u %lld",
                               &fields[0], &fields[1], &fields[2], &fields[3], &fields[4]);
  if (read != static_cast<int>(fields.size())) {
    return;
  }
  const auto field = [&fields](std::size_t i) { return static_cast<std::uint64_t>(fields.at(i)); };
  sum.user_us += (field(0) + field(2)) * 1'000'000 / ticks;
  sum.system_us += (field(1) + field(3)) * 1'000'000 / ticks;
  sum.resident_bytes += field(4) * page;
}

}  // namespace

Consumption consumptionOf(const std::vector<pid_t>& alive) {
  rusage reaped{};
  ::getrusage(RUSAGE_CHILDREN, &reaped);
  Consumption sum{micros(reaped.ru_utime), micros(reaped.ru_stime), 0};
  for (const pid_t pid : alive) {
    add(sum, readFileAt(AT_FDCWD, ("/proc/" + std::to_string(pid) + "/stat").c_str()));
  }
  return sum;
}

Consumption consumptionOfAll() {
  std::vector<pid_t> alive;
  DIR* const proc = ::opendir("/proc");
  while (const dirent* entry = proc != nullptr ? ::readdir(proc) : nullptr) {
    if (const auto pid = leadingNumber(entry->d_name)) {
      alive.push_back(static_cast<pid_t>(*pid));
    }
  }
  if (proc != nullptr) {
    ::closedir(proc);
  }
  std::erase(alive, ::getpid());
  return consumptionOf(alive);
}

}  // namespace tango::sandbox
