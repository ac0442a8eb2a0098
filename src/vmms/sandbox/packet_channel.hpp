// A packet socket to a slot or to a job's init, from the service's side.
#pragma once

#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "async/io_deadline.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "sandbox/protocol.hpp"

namespace tango::vmms {

class PacketChannel {
 public:
  PacketChannel(const boost::asio::any_io_executor& executor, base::UniqueFd socket);

  /// `fd` is borrowed. kSystem: the other side is gone.
  boost::asio::awaitable<base::Result<void>> send(sandbox::MessageType type, std::string body = {},
                                                  int fd = -1);
  /// Sends it if the socket takes it at once; false: it does not, or the other side is gone.
  bool trySend(sandbox::MessageType type);
  /// The next packet. kFailed from the other side comes as the Error that it carries; kSystem: the
  /// other side is gone; kCancelled: close was called; kTimeout: none came by `deadline`, and the
  /// channel is still good.
  boost::asio::awaitable<base::Result<sandbox::Message>> receive(base::Deadline deadline);

  /// The other side has not closed yet.
  [[nodiscard]] bool alive();
  /// `receive` would not wait.
  [[nodiscard]] bool hasMessage();
  /// Tells the other side that nothing more comes; what it still says can be received.
  void finishSending();
  /// Ends every operation under way with kCancelled.
  void close();

 private:
  boost::asio::posix::stream_descriptor socket_;
  async::IoDeadline deadline_;
};

}  // namespace tango::vmms
