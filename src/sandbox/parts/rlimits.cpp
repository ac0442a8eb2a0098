#include "sandbox/parts/rlimits.hpp"

#include <algorithm>
#include <cerrno>

#include <sys/resource.h>

namespace tango::sandbox {
namespace {

// glibc's C++ prototypes take an enum of its own, musl's an int.
using Resource = decltype(RLIMIT_NPROC);

}  // namespace

int lowerRlimit(int resource, std::uint64_t value) noexcept {
  rlimit limit{};
  if (::getrlimit(static_cast<Resource>(resource), &limit) != 0) {
    return errno;
  }
  limit.rlim_max = std::min<rlim_t>(limit.rlim_max, value);
  limit.rlim_cur = limit.rlim_max;
  return ::setrlimit(static_cast<Resource>(resource), &limit) == 0 ? 0 : errno;
}

int applyRlimits(const Rlimits& limits) noexcept {
  const struct {
    int resource;
    std::uint64_t value;
  } wanted[] = {{RLIMIT_NPROC, limits.processes},
                {RLIMIT_FSIZE, limits.file_size_bytes},
                {RLIMIT_NOFILE, limits.open_files}};
  for (const auto& limit : wanted) {
    const int failure = limit.value == 0 ? 0 : lowerRlimit(limit.resource, limit.value);
    if (failure != 0) {
      return failure;
    }
  }
  return lowerRlimit(RLIMIT_CORE, 0);
}

}  // namespace tango::sandbox
