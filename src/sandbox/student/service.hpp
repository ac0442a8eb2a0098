// What lets a grader run its student's program from inside the job: a socket on which the job's
// init listens, and a process for each run. See docs/student.md.
#pragma once

#include <set>

#include <sys/types.h>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "sandbox/spec.hpp"
#include "sandbox/student/session.hpp"

namespace tango::sandbox {

class StudentService {
 public:
  /// Listens on kStudentSocket, which only `grader` may connect to.
  base::Result<void> open(JobUser grader);

  /// To be polled for reading while the job runs; -1 while kStudentRunsMax go on.
  [[nodiscard]] int socket() const;
  /// Takes a connection and starts a process for it; whoever is not the grader is hung up on.
  void accept(const StudentSetup& setup);
  /// A child has ended; it may be one of ours.
  void ended(pid_t pid) { runs_.erase(pid); }

 private:
  [[nodiscard]] bool isGrader(int connection) const;

  base::UniqueFd socket_;
  JobUser grader_;
  std::set<pid_t> runs_;
};

}  // namespace tango::sandbox
