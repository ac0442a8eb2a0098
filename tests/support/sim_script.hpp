// How the calls of a SimVmms go, and what was called.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "model/input_file.hpp"
#include "model/limits.hpp"
#include "model/machine_spec.hpp"
#include "model/outcome.hpp"
#include "model/vm.hpp"

namespace tango::test {

enum class SimMethod {
  kInitializeVM,
  kWaitVM,
  kCopyIn,
  kRunJob,
  kCopyOut,
  kDestroyVM,
  kSafeDestroyVM,
  kGetVMs,
};

/// "initializeVM", "waitVM" and so on.
[[nodiscard]] std::string_view nameOf(SimMethod method);

/// One call, as a script sees it before it is answered and a test afterwards.
struct SimCall {
  SimMethod method = SimMethod::kGetVMs;
  int number = 0;  ///< of all calls of this method, from 1
  model::VmName vm;
  model::MachineSpec spec;                ///< initializeVM's; later the VM's
  model::InputFiles files;                ///< copyIn's; later the VM's
  model::RunLimits limits;                ///< runJob's
  bool ended = false;                     ///< it was answered
  std::optional<base::ErrorKind> failed;  ///< how, if not ok
};

/// How a call goes.
struct SimAnswer {
  base::Millis delay{0};
  std::optional<base::Error> error;
  /// With an error: the call has its effect all the same, and only its answer is lost.
  bool done_anyway = false;
  /// runJob's, after `delay`; a delay over the wall time becomes a timeout by itself.
  model::RunOutcome outcome = exited(0);
  /// What copyOut will write below autodriver's line; runJob's too.
  std::string output;

  static model::RunOutcome exited(int status);
};

class SimScript {
 public:
  /// How the `number`th call of `method` goes, counted from 1 and over all VMs.
  void set(SimMethod method, int number, SimAnswer answer);
  /// How all others go.
  void answerBy(std::function<SimAnswer(const SimCall&)> answer) { answer_ = std::move(answer); }

  /// In the order in which they were made, those under way included.
  [[nodiscard]] const std::vector<SimCall>& calls() const { return calls_; }
  [[nodiscard]] int count(SimMethod method) const {
    const auto found = counts_.find(method);
    return found == counts_.end() ? 0 : found->second;
  }

  // For SimVmms. A call is known by its place in calls().
  std::size_t begin(SimCall call);
  [[nodiscard]] SimAnswer answerTo(std::size_t call) const;
  template <class T>
  base::Result<T> end(std::size_t call, base::Result<T> result) {
    SimCall& ended = calls_[call];
    ended.ended = true;
    if (!result) {
      ended.failed = result.error().kind();
      return result.error().during(std::string(nameOf(ended.method)) + " " + ended.vm.text());
    }
    return result;
  }

 private:
  std::map<std::pair<SimMethod, int>, SimAnswer> script_;
  std::function<SimAnswer(const SimCall&)> answer_;
  std::vector<SimCall> calls_;
  std::map<SimMethod, int> counts_;
};

}  // namespace tango::test
