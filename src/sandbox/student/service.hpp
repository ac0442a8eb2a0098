// What lets a grader run its student's program from inside the job: a socket on which the
// privileged process around the job listens, and a process for each run. See docs/student.md.
#pragma once

#include <functional>
#include <set>

#include <sys/types.h>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "sandbox/spec.hpp"

namespace tango::sandbox {

class StudentService {
 public:
  /// Starts the process that serves a connection (runStudentSession), and returns its pid.
  using Start = std::function<base::Result<pid_t>(base::UniqueFd& connection)>;

  /// Listens at `path`, one of kStudentSockets, which only `grader` may connect to.
  base::Result<void> open(const char* path, JobUser grader);

  /// To be polled for reading while the job runs; -1 while kStudentRunsMax go on.
  [[nodiscard]] int socket() const;
  /// Takes a connection and starts a process for it; whoever is not the grader is hung up on, and
  /// the grader is told of a failure to start.
  void accept(const Start& start);
  /// A child has ended; it may be one of ours.
  void ended(pid_t pid) { runs_.erase(pid); }

 private:
  [[nodiscard]] bool isGrader(int connection) const;

  base::UniqueFd socket_;
  JobUser grader_;
  std::set<pid_t> runs_;
};

}  // namespace tango::sandbox
