// The warden's side of tango-student in a container: the socket, who is in which slot, and that a
// slot is clean before the next command gets it.
#pragma once

#include <array>
#include <map>

#include "autodriver/job.hpp"
#include "sandbox/student/service.hpp"

namespace tango::autodriver {

class Students {
 public:
  /// `job` is borrowed.
  explicit Students(const Job& job) : job_(job) {}

  /// Listens, if there are slots.
  Result<void> open();
  /// To be polled for reading while the job runs; -1: nobody can be served now.
  [[nodiscard]] int socket() const;
  void accept();
  /// A child has ended; it may be one of ours.
  void ended(pid_t pid, int wait_status);

 private:
  enum class Slot { kFree, kUsed, kSoiled };
  struct Process {
    unsigned slot = 0;
    bool cleans = false;  ///< or runs a command
  };

  Result<pid_t> run(base::UniqueFd& connection);
  void clean(unsigned slot);

  const Job& job_;
  sandbox::StudentService service_;
  std::array<Slot, sandbox::kStudentRunsMax> slots_{};
  std::map<pid_t, Process> processes_;
};

}  // namespace tango::autodriver
