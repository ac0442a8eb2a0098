// The pipe that a job's output comes through, read from the side while its VMMS waits for the job.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace tango::vmms {

class OutputPipe {
 public:
  OutputPipe(const boost::asio::any_io_executor& executor, base::UniqueFd pipe);
  OutputPipe(const OutputPipe&) = delete;
  OutputPipe& operator=(const OutputPipe&) = delete;
  /// Reads no more.
  ~OutputPipe();

  /// Gives every piece to `sink` from now on, on the executor, until the last process that has the
  /// other end is gone. Once.
  void read(std::function<void(std::string_view)> sink);
  /// Returns once that is so. kTimeout: not by `deadline`; kCancelled: close was called.
  boost::asio::awaitable<base::Result<void>> ended(base::Deadline deadline);
  /// Reads no more, and ends a wait.
  void close();

 private:
  struct Reading;
  std::shared_ptr<Reading> reading_;  ///< shared with a read that is under way
};

}  // namespace tango::vmms
