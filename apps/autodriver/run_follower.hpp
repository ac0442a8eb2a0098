// The service of an autodriver that stands by, while its job runs: it is told the output as it
// comes, and may send beats or be gone. Where it comes by connections, the job does not mind if one
// ends; over a new one the service asks for the run again, and is told of it from the beginning.
#pragma once

#include <string>

#include "autodriver/ballast.hpp"
#include "autodriver/follower.hpp"
#include "autodriver/live_preview.hpp"
#include "autodriver/service_end.hpp"

namespace tango::autodriver {

class RunFollower : public Follower {
 public:
  /// Both are borrowed; `ballast` is dropped when the job has ended.
  RunFollower(ServiceEnd& service, Ballast& ballast) : service_(service), ballast_(ballast) {}

  void take(std::string_view output) override { preview_.append(output); }
  [[nodiscard]] std::array<pollfd, 3> awaited() const override;
  [[nodiscard]] base::Deadline nextLook() const override;
  base::Result<void> look() override;
  void ended() override { ballast_.drop(); }

  /// Tells what is left of the output's beginning; waits as ServiceEnd::send does.
  base::Result<void> finish();
  /// The service waits for the outcome: its newest connection, if it has any, has asked for it.
  [[nodiscard]] bool isAwaited() const { return asked_ && !service_.isCut(); }

 private:
  base::Result<void> takeRequests();
  base::Result<void> tell();

  ServiceEnd& service_;
  Ballast& ballast_;
  LivePreview preview_;
  bool asked_ = true;     ///< for this run, on the connection that there is
  std::string reply_;     ///< the one that is being sent
  std::size_t sent_ = 0;  ///< of it
};

}  // namespace tango::autodriver
