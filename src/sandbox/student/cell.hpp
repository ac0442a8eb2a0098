// What holds one run of a student's command apart from its grader: its files, processes and
// network. Which means there are for it depends on who runs the job: see namespace_cell.hpp, and
// autodriver's user_cell.hpp.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "sandbox/parts/confined_process.hpp"
#include "sandbox/parts/first_process.hpp"
#include "sandbox/parts/mounts.hpp"
#include "sandbox/student/consumption.hpp"
#include "sandbox/student/messages.hpp"

namespace tango::sandbox {

/// Called in the run's own process, by its Session: first prepare, then giveFile for each file,
/// then fit; from then on the command runs, until endAll.
class StudentCell {
 public:
  StudentCell() = default;
  StudentCell(const StudentCell&) = delete;
  StudentCell& operator=(const StudentCell&) = delete;
  virtual ~StudentCell() = default;

  /// Puts all that is the grader's out of reach and makes room for the command's files, of
  /// `request`, every limit of which is given, and its folder. An error: the promise cannot be
  /// kept.
  virtual base::Result<void> prepare(const StudentRequest& request) = 0;
  /// Copies one file; as placeGivenFile (given_files.hpp).
  virtual base::Result<void> giveFile(std::string_view body, const base::UniqueFd& file) = 0;
  /// Changes what the request made of `command` to what it is in here. `command` borrows from this.
  virtual void fit(ConfinedProcess& command) const = 0;

  /// Of all processes in here, those that have ended included.
  [[nodiscard]] virtual Consumption consumption() const = 0;
  [[nodiscard]] virtual DiskUse diskUse() const = 0;

  /// Kills all that is alive in here; as endAllOthers (first_process.hpp).
  virtual void endAll(const ChildSignals& signals, const std::function<void()>& reap) = 0;
  /// After endAll; as openResult (given_files.hpp).
  [[nodiscard]] virtual base::UniqueFd result(const std::string& path) const = 0;
};

}  // namespace tango::sandbox
