// One slot of tango-sandbox from the service's side: a control socket to the slot's process, a
// socket to the init of the job that it is prepared for, and that job's output pipe.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "sandbox/spec.hpp"
#include "vmms/sandbox/output_pipe.hpp"
#include "vmms/sandbox/packet_channel.hpp"

namespace tango::vmms {

class Slot {
 public:
  /// `image_hold` keeps the files of its image in place for as long as the slot lives.
  Slot(const boost::asio::any_io_executor& executor, base::UniqueFd control,
       std::uint64_t processes, std::shared_ptr<const void> image_hold);

  /// Waits until a job's files may be copied in; at once if that is so already.
  boost::asio::awaitable<base::Result<void>> prepared(base::Deadline deadline);

  /// One of a job's files; `file` is borrowed. What goes wrong with it is said by filesDone.
  boost::asio::awaitable<base::Result<void>> copyFile(std::string name, bool executable, int file);
  boost::asio::awaitable<base::Result<void>> askFilesDone();
  /// After askFilesDone, and before jobEnd.
  boost::asio::awaitable<base::Result<void>> filesDone(base::Deadline deadline);

  /// Starts make, unless a file could not be copied; its end is what jobEnd gives.
  boost::asio::awaitable<base::Result<void>> start(sandbox::JobLimits limits,
                                                   base::Deadline deadline);
  /// kTimeout: it still runs at `deadline`; ask again.
  boost::asio::awaitable<base::Result<sandbox::JobEnd>> jobEnd(base::Deadline deadline);
  boost::asio::awaitable<base::Result<void>> stop();
  boost::asio::awaitable<base::Result<sandbox::CgroupUsage>> usage(base::Deadline deadline);

  /// Gives every piece of the job's output to `sink` from now on, see OutputPipe.
  void readOutput(std::function<void(std::string_view)> sink);
  boost::asio::awaitable<base::Result<void>> outputEnded(base::Deadline deadline);

  /// Its process has not ended.
  [[nodiscard]] bool alive();
  /// Asks for a fresh job: the old one ends with all it has, and `prepared` waits for the new one.
  /// Only when no other operation is under way. One that cannot be asked is closed.
  void renew();
  /// After `renew`: the old job is gone and the fresh one there, so that `prepared` hardly waits.
  [[nodiscard]] bool isRenewed();
  /// Ends the slot; ok once its process is gone, and with it everything.
  boost::asio::awaitable<base::Result<void>> end(base::Deadline deadline);
  /// Ends it without waiting; operations under way fail with kCancelled.
  void close();

 private:
  void closeJob();

  const boost::asio::any_io_executor executor_;
  PacketChannel control_;
  std::optional<PacketChannel> job_;
  std::optional<OutputPipe> output_;
  std::uint64_t processes_;  ///< the limit in force
  const std::shared_ptr<const void> image_hold_;
};

}  // namespace tango::vmms
