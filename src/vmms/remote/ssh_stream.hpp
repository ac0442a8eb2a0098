// The standard streams of a command that ssh runs.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "async/byte_stream.hpp"
#include "base/clock.hpp"
#include "vmms/ssh/ssh.hpp"

namespace tango::vmms::remote {

using ConnectionPtr = std::shared_ptr<ssh::SshConnection>;

/// What carries such a stream; whoever shares it sees whether that has ended.
class SshLine {
 public:
  SshLine(ssh::LocalSocket socket, ConnectionPtr connection)
      : socket_(std::move(socket)), connection_(std::move(connection)) {}

  /// Also where nobody reads or writes.
  [[nodiscard]] bool hasEnded();
  void close();

 private:
  friend class SshStream;
  base::Error end();

  ssh::LocalSocket socket_;
  ConnectionPtr connection_;
  bool ended_ = false;
  bool closed_ = false;
};

using LinePtr = std::shared_ptr<SshLine>;

/// Its end is an error, kSystem, with what ssh and the command wrote to standard error.
class SshStream final : public async::ByteStream {
 public:
  explicit SshStream(LinePtr line) : line_(std::move(line)) {}

  boost::asio::awaitable<base::Result<void>> write(std::string_view bytes) override;
  boost::asio::awaitable<base::Result<std::size_t>> readSome(char* room, std::size_t size) override;
  void close() override { line_->close(); }

 private:
  const LinePtr line_;
};

/// Runs `command`, writes `input` to it, and gives what it says, its first 64 KiB. kSystem: there
/// is no connection, or it said nothing at all, in ssh's and its own words. Can be cancelled.
boost::asio::awaitable<base::Result<std::string>> answerTo(ConnectionPtr connection,
                                                           std::string command,
                                                           std::string input = {});

/// The same for a command that ends with kDone where all is well; anything else is kSystem.
boost::asio::awaitable<base::Result<void>> carriedOut(ConnectionPtr connection, std::string command,
                                                      std::string input = {});

}  // namespace tango::vmms::remote
