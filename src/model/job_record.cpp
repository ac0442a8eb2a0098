#include "model/job_record.hpp"

#include <array>
#include <utility>

namespace tango::model {
namespace {

constexpr std::array kStates = {std::pair{JobState::kQueued, "queued"},
                                std::pair{JobState::kRunning, "running"},
                                std::pair{JobState::kEnded, "ended"}};
constexpr std::array kVerdicts = {std::pair{Verdict::kSucceeded, "succeeded"},
                                  std::pair{Verdict::kFailed, "failed"},
                                  std::pair{Verdict::kLimit, "limit"},
                                  std::pair{Verdict::kInternalError, "internal_error"},
                                  std::pair{Verdict::kCancelled, "cancelled"},
                                  std::pair{Verdict::kRejected, "rejected"}};

template <class Table, class Value>
std::string_view nameIn(const Table& table, Value value) {
  for (const auto& [known, name] : table) {
    if (known == value) {
      return name;
    }
  }
  return "";
}

template <class Value, class Table>
std::optional<Value> valueIn(const Table& table, std::string_view wanted) {
  for (const auto& [value, name] : table) {
    if (name == wanted) {
      return value;
    }
  }
  return std::nullopt;
}

}  // namespace

std::string_view nameOf(JobState state) {
  return nameIn(kStates, state);
}

std::string_view nameOf(Verdict verdict) {
  return nameIn(kVerdicts, verdict);
}

std::optional<JobState> jobStateNamed(std::string_view name) {
  return valueIn<JobState>(kStates, name);
}

std::optional<Verdict> verdictNamed(std::string_view name) {
  return valueIn<Verdict>(kVerdicts, name);
}

}  // namespace tango::model
