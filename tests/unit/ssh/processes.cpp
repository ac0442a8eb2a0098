#include "unit/ssh/processes.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <poll.h>

#include "base/clock.hpp"

namespace tango::test {
namespace {

constexpr base::Millis kPatience{60'000};
constexpr int kLookEveryMs = 10;

std::string contentOf(const std::filesystem::path& file) {
  const std::ifstream stream(file, std::ios::binary);
  std::ostringstream content;  // a process may go while it is read
  content << stream.rdbuf();
  return content.str();
}

std::vector<pid_t> all() {
  std::vector<pid_t> pids;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; })) {
      pids.push_back(std::stoi(name));
    }
  }
  return pids;
}

// PID (NAME) STATE PARENT ...; a name may have parentheses in it. 0: it has gone.
pid_t parentOf(pid_t pid) {
  const std::string stat = contentOf("/proc/" + std::to_string(pid) + "/stat");
  const std::size_t name_end = stat.rfind(')');
  return name_end == std::string::npos ? 0 : std::stoi(stat.substr(name_end + 4));
}

}  // namespace

std::vector<pid_t> processesWith(const std::string& part) {
  std::vector<pid_t> found;
  for (const pid_t pid : all()) {
    if (contentOf("/proc/" + std::to_string(pid) + "/cmdline").find(part) != std::string::npos) {
      found.push_back(pid);
    }
  }
  return found;
}

std::vector<pid_t> descendantsOf(pid_t ancestor) {
  std::multimap<pid_t, pid_t> children;
  for (const pid_t pid : all()) {
    children.emplace(parentOf(pid), pid);
  }
  std::vector<pid_t> found = {ancestor};
  for (std::size_t at = 0; at < found.size(); ++at) {
    const auto [from, until] = children.equal_range(found[at]);
    for (auto child = from; child != until; ++child) {
      found.push_back(child->second);
    }
  }
  found.erase(found.begin());
  return found;
}

bool comesTrue(const std::function<bool()>& holds) {
  for (const base::Deadline until = base::after(kPatience); !holds();) {
    if (base::SteadyClock::now() >= until) {
      return false;
    }
    ::poll(nullptr, 0, kLookEveryMs);
  }
  return true;
}

}  // namespace tango::test
