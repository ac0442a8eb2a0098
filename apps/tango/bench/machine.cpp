#include "tango/bench/machine.hpp"

#include <fstream>
#include <sstream>
#include <thread>

#include <sys/utsname.h>
#include <unistd.h>

namespace tango::bench {
namespace {

namespace fs = std::filesystem;

std::string processorName() {
  std::ifstream lines("/proc/cpuinfo");
  for (std::string line; std::getline(lines, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) {
      return line.substr(colon + 2);
    }
  }
  return "";
}

std::string kernelName() {
  utsname names{};
  return ::uname(&names) == 0 ? std::string(names.sysname) + " " + names.release : "";
}

int cgroupVersion() {
  std::error_code ignored;
  if (fs::exists("/sys/fs/cgroup/cgroup.controllers", ignored)) {
    return 2;
  }
  return fs::exists("/sys/fs/cgroup/memory", ignored) ? 1 : 0;
}

bool isBeneath(const fs::path& path, const fs::path& folder) {
  const fs::path relative = path.lexically_relative(folder);
  return !relative.empty() && *relative.begin() != "..";
}

}  // namespace

std::string fileSystemOf(const fs::path& path, std::string_view mounts) {
  std::istringstream lines{std::string(mounts)};
  std::string deepest;
  std::string type;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string device;
    std::string folder;
    std::string kind;
    // Of two mounts on one folder, the later one covers the other.
    if (words >> device >> folder >> kind && isBeneath(path, folder) &&
        folder.size() >= deepest.size()) {
      deepest = folder;
      type = kind;
    }
  }
  return type;
}

Machine thisMachine(const fs::path& data_folder) {
  Machine machine;
  machine.cores = std::thread::hardware_concurrency();
  machine.processor = processorName();
  machine.memory_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
                         static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  machine.kernel = kernelName();
  machine.cgroup_version = cgroupVersion();
  if (!data_folder.empty()) {
    std::error_code failure;
    const fs::path real = fs::canonical(data_folder, failure);
    std::ostringstream mounts;
    mounts << std::ifstream("/proc/self/mounts").rdbuf();
    machine.file_system = failure ? "" : fileSystemOf(real, mounts.str());
  }
  return machine;
}

}  // namespace tango::bench
