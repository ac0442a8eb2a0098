// A student's command as a second user, who has a slot (student_slots.hpp) and no namespace of its
// own: modes keep it from the grader's files, its user id from the grader's processes, and a filter
// of system calls from what has no owner.
#pragma once

#include <string>
#include <vector>

#include <linux/filter.h>

#include "autodriver/job.hpp"
#include "sandbox/student/cell.hpp"

namespace tango::autodriver {

class UserCell final : public sandbox::StudentCell {
 public:
  /// `job` is borrowed.
  UserCell(const Job& job, unsigned slot);

  Result<void> prepare(const sandbox::StudentRequest& request) override;
  Result<void> giveFile(std::string_view body, const base::UniqueFd& file) override;
  /// The scratch folders are in the slot, with all that is in them: so the folder, HOME, TMPDIR,
  /// and words of the command line that name a file which was given.
  void fit(sandbox::ConfinedProcess& command) const override;
  [[nodiscard]] sandbox::Consumption consumption() const override;
  [[nodiscard]] sandbox::DiskUse diskUse() const override;
  void endAll(const sandbox::ChildSignals& signals, const std::function<void()>& reap) override;
  [[nodiscard]] base::UniqueFd result(const std::string& path) const override;

 private:
  [[nodiscard]] std::string inSlot(const std::string& path) const;

  const Job& job_;
  sandbox::JobUser user_;
  uid_t shield_;
  std::string folder_;  ///< the slot
  std::vector<std::string> given_;
  std::vector<sock_filter> filter_;
};

}  // namespace tango::autodriver
