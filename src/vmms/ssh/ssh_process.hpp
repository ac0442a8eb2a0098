// A program beside us that we own: its standard error is read as it writes, and it is dead and
// reaped when its owner is gone.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "vmms/ssh/last_words.hpp"

namespace tango::vmms::ssh {

class SshProcess {
 public:
  /// Its standard streams, borrowed; -1: /dev/null.
  struct Streams {
    int in = -1;
    int out = -1;
  };

  /// Starts the program `arguments[0]`, found as a shell finds it, in a session of its own. It dies
  /// with the calling thread. `ended` is called once, when it has ended by itself, and may destroy
  /// the SshProcess.
  static base::Result<std::unique_ptr<SshProcess>> start(
      const boost::asio::any_io_executor& executor, std::vector<std::string> arguments,
      Streams streams, std::shared_ptr<LastWords> words, std::function<void()> ended);
  /// Kills it, if need be, with all that it has started and that has stayed in its session.
  ~SshProcess();
  SshProcess(const SshProcess&) = delete;
  SshProcess& operator=(const SshProcess&) = delete;

  /// Kills it; `ended` is called later.
  void kill() const;
  /// Reads what it has written to standard error up to now.
  void listen();

 private:
  SshProcess(const boost::asio::any_io_executor& executor, pid_t pid, base::UniqueFd pid_fd,
             base::UniqueFd errors, std::shared_ptr<LastWords> words, std::function<void()> ended);
  void awaitWords();
  void awaitEnd();

  const pid_t pid_;
  boost::asio::posix::stream_descriptor pid_fd_;
  boost::asio::posix::stream_descriptor errors_;
  std::shared_ptr<LastWords> words_;
  std::function<void()> ended_;
  bool heard_all_ = false;  ///< standard error has ended
  /// Gone with this; what asio calls later sees by it that it is too late.
  std::shared_ptr<bool> life_ = std::make_shared<bool>(true);
};

}  // namespace tango::vmms::ssh
