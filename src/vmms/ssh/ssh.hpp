// Reaching a machine with OpenSSH: a command there whose standard streams are ours. The operator's
// own ssh configuration, keys, agent, jump hosts and known hosts count; host keys are checked, and
// nothing is ever asked for at a terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace tango::vmms::ssh {

using LocalSocket = boost::asio::local::stream_protocol::socket;

struct SshTarget {
  std::string host;              ///< a name of ~/.ssh/config, a host name, or an address
  std::string user;              ///< "": as ssh decides
  std::uint16_t port = 0;        ///< 0: as ssh decides
  std::string config_file;       ///< ssh -F; "": the operator's own
  std::string key_file;          ///< ssh -i; "": as ssh decides
  std::string known_hosts_file;  ///< "": as ssh decides
  /// The name under which the host's key stands in `known_hosts_file`, wherever the host is; no
  /// other file counts then, and a key that is not there is refused, or taken down and trusted once
  /// if `learns_key`. "": as ssh decides.
  std::string host_key_alias = {};  // NOLINT(*-redundant-member-init): some leave it out
  bool learns_key = false;

  friend bool operator==(const SshTarget&, const SshTarget&) = default;
};

/// How long ssh bears silence. The defaults give up a connection that was cut within a minute.
struct SshPatience {
  std::chrono::seconds connect{10};         ///< ConnectTimeout, of each address of the host
  base::Millis start{30'000};               ///< until the connection is there, jump hosts included
  std::chrono::seconds alive_interval{15};  ///< ServerAliveInterval
  int alive_count_max = 3;                  ///< ServerAliveCountMax
};

/// kInvalid, naming the part: what ssh could take for an option, or a name of other than the bytes
/// that host and user names have.
base::Result<void> checkTarget(const SshTarget& target);

/// The connection to one machine, shared by all commands there (ControlMaster): a handshake costs
/// most of a second, a further command some milliseconds. It is made with the first command, and
/// again when it has ended. As sshd bears ten commands at once on one (MaxSessions), there are more
/// of them where more commands run. What ssh runs here dies with the thread that uses this class.
class SshConnection {
 public:
  /// `control_folder`: a folder of ours, of mode 0700, for the master's socket; its path is short
  /// enough for one (sun_path).
  SshConnection(boost::asio::any_io_executor executor, SshTarget target,
                std::filesystem::path control_folder, SshPatience patience = {});
  /// Ends the master and every command; an `open` under way ends with kCancelled.
  ~SshConnection();
  SshConnection(const SshConnection&) = delete;
  SshConnection& operator=(const SshConnection&) = delete;

  /// Starts `command` there (for the login shell of its user) and gives a socket that is its
  /// standard input and output. It returns before the command is known to run: what goes wrong
  /// shows as the end of the stream, and `lastWords` then says what ssh wrote of it. A command
  /// whose socket is closed is ended soon after. kInvalid: the target or the command; kTimeout and
  /// kSystem: there is no connection, in ssh's words. Can be cancelled.
  boost::asio::awaitable<base::Result<LocalSocket>> open(std::string command);

  /// The end of what ssh and the commands wrote to standard error since the connection was there
  /// (or, while there is none, of the failing attempt), in one line; "": nothing. What is in the
  /// error of an `open` is not told again.
  [[nodiscard]] std::string lastWords() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace tango::vmms::ssh
