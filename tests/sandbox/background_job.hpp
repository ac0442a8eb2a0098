// A job that runs while the test does other things: looks at the host, kills something, destroys
// the VM.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "support/sandbox_jobs.hpp"

namespace tango::test {

class BackgroundJob {
 public:
  /// Starts a job of `files`; `executable` names the one that has its execute bit set.
  BackgroundJob(SandboxJobs& jobs, const std::map<std::string, std::string>& files,
                model::RunLimits limits = {}, model::MachineSpec spec = SandboxJobs::hostSpec(),
                const std::string& executable = "");

  /// Serves the job until `done` says true; false: not within `patience`.
  bool runUntil(const std::function<bool()>& done, base::Millis patience = base::Millis(20'000));
  /// Until the job has written `text`.
  bool runUntilOutput(const std::string& text);
  /// Until runJob (or what came before it) has given a result; fails the test case if it hangs.
  const base::Result<model::RunOutcome>& outcome();
  /// destroyVM, asked for from outside; fails the test case if it hangs.
  base::Result<void> destroy();

  [[nodiscard]] std::string output() const;
  [[nodiscard]] bool over() const { return state_->outcome.has_value(); }
  [[nodiscard]] const model::Vm& vm() const { return state_->vm; }

 private:
  // Shared with the coroutine, which may outlive this object.
  struct State {
    model::Vm vm;
    std::string output;
    std::optional<base::Result<model::RunOutcome>> outcome;
  };
  static vmms::awaitable<void> drive(vmms::SandboxVmms& vmms, std::shared_ptr<State> state,
                                     model::MachineSpec spec, model::InputFiles files,
                                     model::RunLimits limits);

  SandboxJobs& jobs_;
  TempFolder folder_;
  std::shared_ptr<State> state_;
};

}  // namespace tango::test
