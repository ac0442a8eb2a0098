#include "support/sim_script.hpp"

namespace tango::test {

std::string_view nameOf(SimMethod method) {
  switch (method) {
    case SimMethod::kInitializeVM:
      return "initializeVM";
    case SimMethod::kWaitVM:
      return "waitVM";
    case SimMethod::kCopyIn:
      return "copyIn";
    case SimMethod::kRunJob:
      return "runJob";
    case SimMethod::kCopyOut:
      return "copyOut";
    case SimMethod::kDestroyVM:
      return "destroyVM";
    case SimMethod::kSafeDestroyVM:
      return "safeDestroyVM";
    case SimMethod::kGetVMs:
      return "getVMs";
  }
  return "?";
}

model::RunOutcome SimAnswer::exited(int status) {
  model::RunOutcome outcome;
  outcome.exit_status = status;
  return outcome;
}

void SimScript::set(SimMethod method, int number, SimAnswer answer) {
  script_.insert_or_assign({method, number}, std::move(answer));
}

std::size_t SimScript::begin(SimCall call) {
  call.number = ++counts_[call.method];
  calls_.push_back(std::move(call));
  return calls_.size() - 1;
}

SimAnswer SimScript::answerTo(std::size_t call) const {
  const SimCall& asked = calls_[call];
  const auto scripted = script_.find({asked.method, asked.number});
  if (scripted != script_.end()) {
    return scripted->second;
  }
  return answer_ ? answer_(asked) : SimAnswer{};
}

}  // namespace tango::test
