// `autodriver --attach` as a service starts it over ssh, and what is to be seen of the autodriver
// that stands by then. For tests that run as the first process of a root file system of their own
// (run-in-private-root, kind vm).
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "autodriver/drive_client.hpp"
#include "base/unique_fd.hpp"

namespace tango::test {

inline constexpr const char* kSocket = "/run/tango/drive";
inline constexpr uid_t kJobUid = 1902;  // nobody else's on this machine

struct AttachPlan {
  std::vector<std::string> options = {"--lease=60"};  ///< besides --attach and --user
  uid_t by = 0;                                       ///< who calls
  std::string socket = kSocket;
};

/// One connection. The destructor hangs up and waits for the process that was called.
class Attached : public DriveClient {
 public:
  explicit Attached(const AttachPlan& plan = {});
  ~Attached() override;

  /// Waits for the end of the process that was called, which is not the one that stands by.
  [[nodiscard]] int exitStatus();
  [[nodiscard]] std::string lastWord() const override;

 private:
  base::UniqueFd words_;
  pid_t pid_ = -1;
};

/// A machine as an image is delivered: no user autograde, nothing of ours. The destructor ends
/// every autodriver.
class Machine {
 public:
  Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;
  ~Machine();

  /// The process that stands by, and its keeper; -1 if there is none.
  [[nodiscard]] static pid_t standBy();
  [[nodiscard]] static pid_t keeper();
  /// Waits until nothing is left of a container: processes, socket, control groups.
  [[nodiscard]] static bool isGone();
  /// With SIGKILL; returns once it is gone for good.
  static void kill(pid_t pid);
  /// Waits until the job has made the file `path`.
  static void waitForFile(const std::string& path);
};

}  // namespace tango::test
