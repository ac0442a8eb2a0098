// The tango-sandbox process of this service.
#pragma once

#include <filesystem>

#include <sys/types.h>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "sandbox/spec.hpp"

namespace tango::vmms {

class LauncherProcess {
 public:
  /// Starts it in a session of its own, so that a terminal's Ctrl-C does not reach it: it has to
  /// clean up after us.
  static base::Result<LauncherProcess> start(const std::filesystem::path& program);

  LauncherProcess(LauncherProcess&&) noexcept = default;
  LauncherProcess& operator=(LauncherProcess&&) = delete;
  LauncherProcess(const LauncherProcess&) = delete;
  LauncherProcess& operator=(const LauncherProcess&) = delete;
  /// Closes its socket and waits, for a few seconds at most, until it has seen every slot gone.
  ~LauncherProcess();

  /// Asks for a slot; the socket returned is the service's end, on which the slot says kReady or
  /// kFailed.
  [[nodiscard]] base::Result<base::UniqueFd> makeSlot(const sandbox::SlotSpec& spec) const;

 private:
  LauncherProcess(base::UniqueFd pid_fd, base::UniqueFd socket)
      : pid_fd_(std::move(pid_fd)), socket_(std::move(socket)) {}

  base::UniqueFd pid_fd_;
  base::UniqueFd socket_;
};

/// `tango-sandbox` beside the running program.
std::filesystem::path launcherBesideProgram();

}  // namespace tango::vmms
