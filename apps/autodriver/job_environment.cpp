#include <algorithm>
#include <array>
#include <string_view>

#include "autodriver/job.hpp"

namespace tango::autodriver {
namespace {

constexpr std::string_view kDefaultPath =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr std::size_t kVariableBytesMax = 4096;
constexpr std::size_t kVariablesMax = 64;

// JAVA_HOME, CARGO_HOME and so on say where an image has its tools; XDG_*_HOME where the caller
// has their own files.
bool isForPrograms(std::string_view name) {
  constexpr std::array<std::string_view, 10> kNames = {
      "PATH",   "LANG",   "LANGUAGE",   "TZ",        "CLASSPATH",
      "GOPATH", "GOROOT", "PYTHONPATH", "NODE_PATH", "PERL5LIB"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end() || name.starts_with("LC_") ||
         (name.ends_with("_HOME") && !name.starts_with("XDG_"));
}

bool isInherited(std::string_view name, Inherit which) {
  constexpr std::array<std::string_view, 4> kOwn = {"HOME", "USER", "LOGNAME", "SHELL"};
  return which == Inherit::kAll ? std::find(kOwn.begin(), kOwn.end(), name) == kOwn.end()
                                : isForPrograms(name);
}

}  // namespace

std::vector<std::string> jobEnvironment(const Account& account,
                                        const std::vector<std::string>& callers, Inherit which) {
  const std::string shell = account.shell.starts_with('/') ? account.shell : "/bin/sh";
  std::vector<std::string> job = {"HOME=" + account.home, "USER=" + account.name,
                                  "LOGNAME=" + account.name, "SHELL=" + shell};
  bool has_path = false;
  for (const std::string& variable : callers) {
    const std::string_view name = std::string_view(variable).substr(0, variable.find('='));
    const bool empty = variable.size() <= name.size() + 1;
    if (empty || variable.size() > kVariableBytesMax || job.size() == kVariablesMax ||
        !isInherited(name, which)) {
      continue;
    }
    has_path = has_path || name == "PATH";
    job.push_back(variable);
  }
  if (!has_path) {
    job.push_back("PATH=" + std::string(kDefaultPath));
  }
  return job;
}

}  // namespace tango::autodriver
