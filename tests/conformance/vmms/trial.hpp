// The fixture of every case: a service with nothing but a backend. Each case has a Vmms of its own,
// and what it made is destroyed behind it.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "conformance/vmms/answer.hpp"
#include "conformance/vmms/vmms_under_test.hpp"
#include "support/temp_folder.hpp"

namespace tango::test {

using base::Millis;
using base::Result;
using model::InputFile;
using model::InputFiles;
using model::Limit;
using model::MachineSpec;
using model::RunLimits;
using model::RunOutcome;
using model::Vm;
using model::VmName;
using vmms::awaitable;

/// A call that was begun and may still be under way.
template <class T>
class Pending {
 public:
  [[nodiscard]] bool done() const { return state_->value || state_->thrown; }

 private:
  friend class Trial;
  struct State {
    std::optional<T> value;
    std::exception_ptr thrown;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

/// A job's whole life went well: what its program did, and what copyOut wrote.
struct RanJob {
  RunOutcome outcome;
  std::string line;  ///< autodriver's, without its end
  std::string body;  ///< what is below
};

/// "memory", say, or "no limit": what a failure is to print.
inline std::string endedBy(const RanJob& ran) {
  return ran.outcome.ended_by ? std::string(nameOf(*ran.outcome.ended_by)) : "no limit";
}

class Trial {
 public:
  Trial();
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;
  ~Trial();

 protected:
  [[nodiscard]] VmmsUnderTest& backend() { return *backend_; }
  [[nodiscard]] vmms::Vmms& vmms() { return *vmms_; }
  [[nodiscard]] vmms::LiveOutput& liveOutput();
  /// The service ends and starts again.
  void restart();

  // The eight methods, each waited for.
  Result<Vm> initializeVM(const VmName& name, const MachineSpec& spec);
  Result<void> waitVM(const Vm& vm);
  Result<void> waitVM(const Vm& vm, base::Deadline deadline);
  Result<void> copyIn(const Vm& vm, InputFiles files);
  Result<RunOutcome> runJob(const Vm& vm, RunLimits limits = {});
  Result<void> copyOut(const Vm& vm);
  Result<void> copyOut(const Vm& vm, int fd);
  Result<void> destroyVM(const Vm& vm);
  Result<void> safeDestroyVM(const Vm& vm);
  Result<std::vector<Vm>> getVMs();

  /// A name that no VM has had.
  VmName freshName();
  [[nodiscard]] MachineSpec spec() const { return backend_->spec(); }

  // A VM that is as far as this; the case fails if it cannot be brought there.
  Vm made(const std::optional<MachineSpec>& spec = std::nullopt);
  Vm ready(const std::optional<MachineSpec>& spec = std::nullopt);
  Vm loaded(InputFiles files);
  Vm ran(InputFiles files);
  Vm fetched(InputFiles files);

  /// A local file, to be copied in under `name`.
  InputFile file(const std::string& name, std::string_view content, bool executable = false);
  /// The files of a job that is this shell script.
  InputFiles script(std::string_view commands);
  [[nodiscard]] const TempFolder& folder() const { return folder_; }

  /// One job's whole life; the case fails if any call but the job itself does.
  RanJob job(InputFiles files, RunLimits limits = {},
             const std::optional<MachineSpec>& spec = std::nullopt);
  RanJob scriptJob(std::string_view commands, RunLimits limits = {},
                   const std::optional<MachineSpec>& spec = std::nullopt) {
    return job(script(commands), limits, spec);
  }
  awaitable<Result<RanJob>> wholeLife(InputFiles files, RunLimits limits, MachineSpec spec);

  /// Destroys `vm` and makes another under its name, with nothing done in between.
  awaitable<Result<Vm>> madeAnew(Vm vm);

  /// Whether getVMs lists `vm`.
  bool listed(const Vm& vm);
  /// `call` ended soon because its VM was destroyed.
  template <class T>
  void checkStopped(Pending<T>& call);

  // Calls at once.
  template <class T>
  Pending<T> begin(awaitable<T> operation);
  template <class T>
  T finish(const Pending<T>& call, Millis patience);
  template <class T>
  T finish(const Pending<T>& call) {
    return finish(call, backend_->patience().call + backend_->patience().ready);
  }
  /// Lets calls under way go on until `done`, and fails the case if that is not so in time.
  void goOnUntil(const std::function<bool()>& done, Millis patience, std::string_view what);
  void goOnFor(Millis duration);

 private:
  template <class T>
  T call(awaitable<T> operation) {
    return finish(begin(std::move(operation)));
  }
  template <class T>
  static awaitable<void> keep(awaitable<T> operation,
                              std::shared_ptr<typename Pending<T>::State> state);
  bool drive(const std::function<bool()>& done, Millis patience);

  std::unique_ptr<VmmsUnderTest> backend_ = makeVmmsUnderTest();
  TempFolder folder_;
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      context_.get_executor()};
  std::unique_ptr<vmms::Vmms> vmms_;
  std::vector<Vm> made_;
  int files_ = 0;
};

template <class T>
awaitable<void> Trial::keep(awaitable<T> operation,
                            std::shared_ptr<typename Pending<T>::State> state) {
  T value = co_await std::move(operation);
  state->value.emplace(std::move(value));
}

template <class T>
Pending<T> Trial::begin(awaitable<T> operation) {
  Pending<T> call;
  boost::asio::co_spawn(
      context_, keep<T>(std::move(operation), call.state_),
      [state = call.state_](const std::exception_ptr& thrown) { state->thrown = thrown; });
  context_.poll();  // up to where it first waits
  return call;
}

template <class T>
T Trial::finish(const Pending<T>& call, Millis patience) {
  goOnUntil([&call] { return call.done(); }, patience, "a call did not end");
  if (call.state_->thrown) {
    std::rethrow_exception(call.state_->thrown);
  }
  return *call.state_->value;
}

template <class T>
void Trial::checkStopped(Pending<T>& call) {
  const Answer stopped = answer(finish(call, backend_->patience().stopped));
  const bool as_promised = stopped == kCancelled || stopped == kNotFound;
  CHECK_MESSAGE(as_promised, "the call under way ended with " << stopped);
}

}  // namespace tango::test
