#include "sandbox/host_view.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include <fcntl.h>

namespace tango::test {
namespace {

namespace fs = std::filesystem;

struct Stat {
  pid_t parent = 0;
  std::string name;
  std::string state;
  std::string start;
};

// proc_pid_stat(5): the name is in parentheses and may hold any byte.
Stat statOf(const std::string& pid) {
  std::ostringstream text;
  text << std::ifstream("/proc/" + pid + "/stat").rdbuf();
  const std::string line = text.str();
  const std::size_t open = line.find('(');
  const std::size_t close = line.rfind(')');
  Stat stat;
  if (open == std::string::npos || close == std::string::npos) {
    return stat;
  }
  stat.name = line.substr(open + 1, close - open - 1);
  std::istringstream rest(line.substr(close + 1));
  rest >> stat.state >> stat.parent;
  constexpr int kFieldsBeforeStart = 18;  // 5 to 21; starttime is the 22nd field
  for (int i = 0; i < kFieldsBeforeStart; ++i) {
    rest >> stat.start;
  }
  return stat;
}

std::map<pid_t, Stat> allProcesses() {
  std::map<pid_t, Stat> all;
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc")) {
    const std::string pid = entry.path().filename().string();
    if (pid.find_first_not_of("0123456789") == std::string::npos) {
      Stat stat = statOf(pid);
      if (!stat.state.empty() && stat.state != "Z" && stat.state != "X") {
        all.emplace(std::stoi(pid), std::move(stat));
      }
    }
  }
  return all;
}

std::map<pid_t, Stat> below(pid_t root) {
  const std::map<pid_t, Stat> all = allProcesses();
  std::map<pid_t, Stat> found;
  bool grew = true;
  while (grew) {
    grew = false;
    for (const auto& [pid, stat] : all) {
      const bool child = stat.parent == root || found.contains(stat.parent);
      grew = (child && found.emplace(pid, stat).second) || grew;
    }
  }
  return found;
}

constexpr std::array kKinds = {"user", "mnt", "pid", "net", "ipc", "uts", "cgroup"};

std::string namespacePath(const std::string& process, const char* kind) {
  return "/proc/" + process + "/ns/" + kind;
}

std::string namespaceOf(const std::string& process, const char* kind) {
  std::error_code failure;
  return fs::read_symlink(namespacePath(process, kind), failure).string();
}

}  // namespace

std::set<ProcessId> descendantsOf(pid_t root) {
  std::set<ProcessId> found;
  for (const auto& [pid, stat] : below(root)) {
    found.emplace(pid, stat.start);
  }
  return found;
}

std::vector<pid_t> descendantsNamed(pid_t root, const std::string& name) {
  std::vector<pid_t> found;
  for (const auto& [pid, stat] : below(root)) {
    if (stat.name == name) {
      found.push_back(pid);
    }
  }
  return found;
}

bool isAlive(const ProcessId& process) {
  const Stat now = statOf(std::to_string(process.first));
  return now.start == process.second && now.state != "Z" && now.state != "X";
}

bool anyAlive(const std::set<ProcessId>& processes) {
  for (const ProcessId& process : processes) {
    if (isAlive(process)) {
      return true;
    }
  }
  return false;
}

std::set<std::string> cgroupsNamed(const std::string& prefix) {
  std::set<std::string> found;
  std::error_code failure;
  const auto options = fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator entry("/sys/fs/cgroup", options, failure), end;
       !failure && entry != end; entry.increment(failure)) {
    if (entry->path().filename().string().starts_with(prefix)) {
      found.insert(entry->path().string());
    }
  }
  return found;
}

HeldNamespaces::HeldNamespaces(const std::set<ProcessId>& processes) {
  for (const ProcessId& process : processes) {
    for (const char* kind : kKinds) {
      const std::string path = namespacePath(std::to_string(process.first), kind);
      base::UniqueFd held(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
      if (!held) {
        continue;  // the process has ended
      }
      const std::string name = fs::read_symlink("/proc/self/fd/" + std::to_string(held.get()));
      if (name != namespaceOf("self", kind)) {
        held_.emplace(name, std::move(held));
      }
    }
  }
}

bool HeldNamespaces::anyInside() const {
  for (const auto& [pid, stat] : allProcesses()) {
    for (const char* kind : kKinds) {
      if (held_.contains(namespaceOf(std::to_string(pid), kind))) {
        return true;
      }
    }
  }
  return false;
}

std::size_t tangoMounts() {
  std::ifstream mounts("/proc/self/mountinfo");
  std::size_t count = 0;
  for (std::string line; std::getline(mounts, line);) {
    count += line.find("tango") == std::string::npos ? 0 : 1;
  }
  return count;
}

std::size_t openDescriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    ++count;
  }
  return count;
}

bool eventually(const std::function<bool()>& done, base::Millis patience) {
  const base::Deadline deadline = base::after(patience);
  while (!done()) {
    if (base::SteadyClock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(base::Millis(10));
  }
  return true;
}

}  // namespace tango::test
