// Short ways to run a script, with files beside it, as a job.
#pragma once

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include "support/sandbox_jobs.hpp"

namespace tango::test {

/// The executable made of tests/sandbox/programs/`name`, compiled once a test program.
inline std::string compiled(const std::string& name) {
  static std::map<std::string, std::string> done;
  std::string& executable = done[name];
  if (executable.empty()) {
    const TempFolder folder;
    const std::string output = (folder.path() / "program").string();
    const std::string command = "gcc -O1 -w -o " + output + " " + std::string(TANGO_TEST_PROGRAMS) +
                                "/" + name + " -lpthread";
    REQUIRE_MESSAGE(std::system(command.c_str()) == 0, command);
    std::ostringstream bytes;
    bytes << std::ifstream(output, std::ios::binary).rdbuf();
    executable = bytes.str();
  }
  return executable;
}

/// What went wrong with the sandbox; "" if nothing did.
template <class T>
std::string failureOf(const base::Result<T>& result) {
  return result.ok() ? "" : result.error().message();
}

/// What the job wrote; fails the test case if the sandbox failed.
inline std::string bodyOf(const JobResult& job) {
  REQUIRE(failureOf(job.outcome) == "");
  return job.body();
}

/// Runs `script` with `more` files beside it.
inline JobResult runWith(SandboxJobs& jobs, const std::string& script,
                         std::map<std::string, std::string> more, model::RunLimits limits = {},
                         model::MachineSpec spec = SandboxJobs::hostSpec()) {
  more["Makefile"] = "all:\n\t@sh script\n";
  more["script"] = script;
  return jobs.run(more, limits, std::move(spec));
}

/// Runs programs/`name` with `arguments`; the job's status is make's, as ever.
inline JobResult runProgram(SandboxJobs& jobs, const std::string& name,
                            const std::string& arguments = "", model::RunLimits limits = {},
                            model::MachineSpec spec = SandboxJobs::hostSpec()) {
  return runWith(jobs, "chmod +x program; exec ./program " + arguments,
                 {{"program", compiled(name)}}, limits, std::move(spec));
}

/// "wall time", "memory", ...: the limit that ended the job; "none", or what the sandbox's failure
/// was.
inline std::string endedBy(const JobResult& job) {
  if (!job.outcome) {
    return "error: " + job.outcome.error().message();
  }
  return job.outcome->ended_by ? std::string(nameOf(*job.outcome->ended_by)) : "none";
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace tango::test
