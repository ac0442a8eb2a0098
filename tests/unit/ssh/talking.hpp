// A connection by ssh and the thread of a service that has it, for tests.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "support/run_on.hpp"
#include "unit/ssh/processes.hpp"
#include "unit/ssh/test_sshd.hpp"
#include "vmms/ssh/ssh.hpp"

namespace tango::test {

using vmms::ssh::LocalSocket;

class Talking {
 public:
  Talking(vmms::ssh::SshTarget target, std::string control_folder,
          vmms::ssh::SshPatience patience = {})
      : connection_(std::make_unique<vmms::ssh::SshConnection>(
            context.get_executor(), std::move(target), std::move(control_folder), patience)) {}
  explicit Talking(const TestSshd& sshd, vmms::ssh::SshPatience patience = {})
      : Talking(sshd.target(), sshd.controlFolder(), patience) {}

  [[nodiscard]] vmms::ssh::SshConnection& connection() { return *connection_; }
  void destroyConnection() { connection_.reset(); }

  base::Result<LocalSocket> open(const std::string& command) {
    return runOn(context, connection_->open(command));
  }
  /// Writes `text`, and reads as many bytes as that is; fewer if the other end ends before.
  std::string echo(LocalSocket& socket, const std::string& text) {
    return runOn(context, echoed(socket, text));
  }
  /// All that comes until the other end ends.
  std::string readAll(LocalSocket& socket) { return runOn(context, allOf(socket)); }
  /// Lets what is under way go on until `holds`, for a minute at most.
  bool comesTrue(const std::function<bool()>& holds) {
    return test::comesTrue([this, &holds] {
      context.restart();
      context.poll();
      return holds();
    });
  }

  boost::asio::io_context context;

 private:
  static constexpr auto kAsTuple = boost::asio::as_tuple(boost::asio::use_awaitable);

  static boost::asio::awaitable<std::string> echoed(LocalSocket& socket, std::string text) {
    co_await boost::asio::async_write(socket, boost::asio::buffer(text), kAsTuple);
    const auto read = co_await boost::asio::async_read(socket, boost::asio::buffer(text), kAsTuple);
    text.resize(std::get<1>(read));
    co_return text;
  }
  static boost::asio::awaitable<std::string> allOf(LocalSocket& socket) {
    std::string all;
    co_await boost::asio::async_read(socket, boost::asio::dynamic_buffer(all), kAsTuple);
    co_return all;
  }

  std::unique_ptr<vmms::ssh::SshConnection> connection_;
};

}  // namespace tango::test
