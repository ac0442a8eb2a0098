// A real sshd of a test's own, on loopback, with keys of its own: it lets in the user who runs the
// test.
#pragma once

#include <cstdint>
#include <string>

#include <sys/types.h>

#include "support/temp_folder.hpp"
#include "vmms/ssh/ssh.hpp"

namespace tango::test {

class TestSshd {
 public:
  /// `more`: lines of its configuration.
  explicit TestSshd(const std::string& more = "");
  TestSshd(const TestSshd&) = delete;
  TestSshd& operator=(const TestSshd&) = delete;
  ~TestSshd();

  /// How it is reached; the operator's own configuration does not count.
  [[nodiscard]] vmms::ssh::SshTarget target() const;
  /// A file of the known hosts with another key than its own.
  [[nodiscard]] std::string falseKnownHosts() const;
  /// A key that it does not let in.
  [[nodiscard]] std::string strangeKey() const { return folder_.path() / "stranger"; }
  /// A folder for ssh's sockets.
  [[nodiscard]] std::string controlFolder() const { return control_.path(); }

  /// Kills it and its connections; `start` begins it anew at the same port.
  void kill();
  void start();
  /// Stops those that serve a connection; new ones are taken.
  void freezeConnections() const;

  /// How many connections it has ever let in.
  [[nodiscard]] std::size_t letIn() const;

 private:
  [[nodiscard]] std::string keyOf(const std::string& name) const;

  TempFolder folder_;
  TempFolder control_;
  std::uint16_t port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace tango::test
