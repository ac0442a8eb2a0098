// The step from a privileged process to a program without any right: the child that gives up all of
// them and becomes the program. A job's make is started so, and what runs beside it as its student.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <linux/filter.h>
#include <sys/types.h>

#include "base/result.hpp"
#include "sandbox/spec.hpp"

namespace tango::sandbox {

/// What the child needs; all of it is made before the fork, since the child must not allocate.
struct ConfinedProcess {
  struct Limit {
    int resource;  ///< RLIMIT_...
    std::uint64_t value;
  };

  JobUser user;
  std::array<int, 3> standard = {-1, -1, -1};  ///< borrowed: stdin, stdout, stderr; -1: /dev/null
  std::string folder;                          ///< entered with the user's rights
  std::vector<std::string> programs;           ///< the first that can be executed is
  std::vector<std::string> arguments;          ///< from argv[0] on
  std::vector<std::string> environment;
  std::vector<Limit> limits;  ///< only ever lowered
  /// 0 to 1000: who of those in one control group the kernel takes first when memory runs out.
  int oom_score = 1000;
  const std::vector<sock_filter>* filter = nullptr;  ///< borrowed
};

/// Starts it and returns its pid once it runs; to be called by a process with one thread, which it
/// does not outlive. kNotFound: none of the programs is there. kInvalid: one
/// is, but cannot be executed. kSystem: the step that failed.
base::Result<pid_t> startConfined(const ConfinedProcess& process);

}  // namespace tango::sandbox
