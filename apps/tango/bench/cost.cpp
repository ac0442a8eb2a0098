#include "tango/bench/cost.hpp"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

namespace tango::bench {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
namespace fs = std::filesystem;

constexpr std::uint64_t kBytesPerKb = 1024;
constexpr double kNanosPerSecond = 1e9;

fs::path folderOf(pid_t pid) {
  return fs::path("/proc") / std::to_string(pid);
}

Error noSuchProcess(pid_t pid) {
  return {ErrorKind::kNotFound, "there is no process " + std::to_string(pid)};
}

/// The names in a folder of /proc that are numbers.
std::vector<pid_t> numbersIn(const fs::path& folder) {
  std::vector<pid_t> numbers;
  std::error_code failure;
  for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    const std::string name = entry->path().filename();
    pid_t number = 0;
    const auto read = std::from_chars(name.data(), name.data() + name.size(), number);
    if (read.ec == std::errc() && read.ptr == name.data() + name.size()) {
      numbers.push_back(number);
    }
  }
  return numbers;
}

/// The bytes of a line `NAME:   1234 kB`.
std::optional<std::uint64_t> kilobytesIn(const fs::path& file, const std::string& name) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string key;
    std::uint64_t number = 0;
    if (words >> key >> number && key == name + ":") {
      return number * kBytesPerKb;
    }
  }
  return std::nullopt;
}

/// Every process's parent. A process that ends meanwhile is left out.
std::map<pid_t, pid_t> parentsNow() {
  std::map<pid_t, pid_t> parents;
  for (const pid_t pid : numbersIn("/proc")) {
    std::ifstream file(folderOf(pid) / "stat");
    std::string line;
    std::getline(file, line);
    // The name, in parentheses, may have anything in it.
    const std::size_t name_end = line.rfind(')');
    std::istringstream rest(name_end == std::string::npos ? "" : line.substr(name_end + 1));
    std::string state;
    pid_t parent = 0;
    if (rest >> state >> parent) {
      parents[pid] = parent;
    }
  }
  return parents;
}

}  // namespace

std::vector<pid_t> treeOf(pid_t root, const std::map<pid_t, pid_t>& parents) {
  std::vector<pid_t> tree = {root};
  std::set<pid_t> seen = {root};
  for (std::size_t at = 0; at < tree.size(); ++at) {
    for (const auto& [pid, parent] : parents) {
      if (parent == tree[at] && seen.insert(pid).second) {
        tree.push_back(pid);
      }
    }
  }
  return tree;
}

Result<Memory> memoryOf(pid_t root) {
  if (!kilobytesIn(folderOf(root) / "status", "VmRSS")) {
    return noSuchProcess(root);
  }
  Memory memory;
  memory.pss_bytes = 0;
  for (const pid_t pid : treeOf(root, parentsNow())) {
    const auto rss = kilobytesIn(folderOf(pid) / "status", "VmRSS");
    if (!rss) {
      continue;  // it has ended
    }
    const auto pss = kilobytesIn(folderOf(pid) / "smaps_rollup", "Pss");
    ++memory.processes;
    memory.rss_bytes += *rss;
    memory.pss_bytes =
        memory.pss_bytes && pss ? std::optional(*memory.pss_bytes + *pss) : std::nullopt;
  }
  return memory;
}

Result<double> processorSecondsOf(pid_t pid) {
  const fs::path threads = folderOf(pid) / "task";
  const std::vector<pid_t> ids = numbersIn(threads);
  if (ids.empty()) {
    return noSuchProcess(pid);
  }
  double nanos = 0;
  for (const pid_t thread : ids) {
    double on_processor = 0;
    std::ifstream(threads / std::to_string(thread) / "schedstat") >> on_processor;
    nanos += on_processor;
  }
  return nanos / kNanosPerSecond;
}

}  // namespace tango::bench
