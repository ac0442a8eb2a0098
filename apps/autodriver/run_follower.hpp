// The service of an autodriver that stands by, while its job runs: it is told the output as it
// comes, and may send beats or be gone.
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
  [[nodiscard]] std::array<pollfd, 2> awaited() const override;
  [[nodiscard]] base::Deadline nextLook() const override;
  base::Result<void> look() override;
  void ended() override { ballast_.drop(); }

  /// Tells what is left of the output's beginning; waits as ServiceEnd::send does.
  base::Result<void> finish();

 private:
  base::Result<void> tell();

  ServiceEnd& service_;
  Ballast& ballast_;
  LivePreview preview_;
  std::string reply_;     ///< the one that is being sent
  std::size_t sent_ = 0;  ///< of it
};

}  // namespace tango::autodriver
