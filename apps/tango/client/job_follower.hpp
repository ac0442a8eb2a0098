// A job's output as it grows, until the job has ended.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "tango/client/api_client.hpp"
#include "tango/client/terminal_text.hpp"

namespace tango::client {

class JobFollower {
 public:
  /// The output goes to stdout; where the job waits is said on stderr, if that is a terminal. `api`
  /// is borrowed.
  JobFollower(ApiClient& api, std::int64_t id);

  /// Returns the job once it has ended and all its output is printed. A server that cannot be
  /// reached for a while (it is started anew, say) is waited for. Errors are the server's.
  Result<boost::json::object> follow();

 private:
  /// True once the published output is printed, or the job has ended without any.
  Result<bool> takeMore();
  Result<void> printFinal(const OutputPiece& piece);
  Result<void> printCutEnd();
  void printLive(const OutputPiece& piece);
  /// Ok: another try may help, and it is time for it.
  Result<void> survive(const base::Error& error);
  /// The job, from a server that may have to be waited for.
  Result<boost::json::object> patiently(std::chrono::seconds wait);
  void sayWhereItWaits();
  void clearLine();

  ApiClient& api_;
  std::int64_t id_;
  BytesPrinter printer_{stdout};
  std::uint64_t printed_ = 0;  ///< bytes of the job's own output
  base::Deadline heard_;       ///< when the server last answered
  bool lost_ = false;          ///< and that it does not now has been said
  bool line_shown_ = false;
};

}  // namespace tango::client
