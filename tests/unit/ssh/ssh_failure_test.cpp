// Machines that cannot be reached, or that go away.
#include <string>
#include <thread>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "base/unique_fd.hpp"
#include "unit/ssh/talking.hpp"

using namespace tango::test;
using namespace std::chrono_literals;
using boost::asio::awaitable;
using tango::base::Error;
using tango::base::ErrorKind;
using tango::base::Result;
using tango::base::UniqueFd;
using tango::vmms::ssh::SshPatience;
using tango::vmms::ssh::SshTarget;

namespace {

Error refusal(const TestSshd& sshd, const SshTarget& target) {
  Talking talking(target, sshd.controlFolder());
  const Result<LocalSocket> socket = talking.open("cat");
  REQUIRE(!socket.ok());
  CHECK(talking.connection().lastWords().empty());
  CHECK(processesWith(sshd.controlFolder()).empty());
  return socket.error();
}

bool says(const Error& error, const std::string& part) {
  return error.message().find(part) != std::string::npos;
}

// Takes connections and never says a word.
class SilentServer {
 public:
  SilentServer() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    at_.sin_family = AF_INET;
    ::inet_pton(AF_INET, "127.0.0.1", &at_.sin_addr);
    socklen_t size = sizeof at_;
    auto* address = reinterpret_cast<sockaddr*>(&at_);
    REQUIRE(::bind(socket_.get(), address, size) == 0);
    REQUIRE(::listen(socket_.get(), 8) == 0);
    REQUIRE(::getsockname(socket_.get(), address, &size) == 0);
  }
  [[nodiscard]] SshTarget target() const {
    SshTarget target;
    target.host = "127.0.0.1";
    target.port = ntohs(at_.sin_port);
    target.config_file = "/dev/null";
    return target;
  }
  void stop() { socket_.reset(); }

 private:
  UniqueFd socket_;
  sockaddr_in at_{};
};

}  // namespace

TEST_CASE("a host whose key is not known is refused in a sentence that says what to do") {
  const TestSshd sshd;
  const TempFolder folder;
  SshTarget target = sshd.target();
  target.known_hosts_file = folder.write("none", "");
  const Error unknown = refusal(sshd, target);
  CHECK(unknown.kind() == ErrorKind::kSystem);
  CHECK_MESSAGE(says(unknown, "ssh to 127.0.0.1: "), unknown.message());
  CHECK_MESSAGE(says(unknown, "known hosts"), unknown.message());
  target.known_hosts_file = sshd.falseKnownHosts();
  const Error changed = refusal(sshd, target);
  CHECK_MESSAGE(says(changed, "known hosts"), changed.message());
  CHECK(sshd.letIn() == 0);
}

TEST_CASE("a key or user that is not let in is refused in sshd's words") {
  const TestSshd sshd;
  SshTarget target = sshd.target();
  target.key_file = sshd.strangeKey();
  CHECK(says(refusal(sshd, target), "Permission denied"));
  target = sshd.target();
  target.user = "no-such-user";
  CHECK(says(refusal(sshd, target), "Permission denied"));
  target = sshd.target();
  target.key_file = "/nonexistent/key";
  CHECK(says(refusal(sshd, target), "/nonexistent/key"));
}

TEST_CASE("a host that cannot be is refused before ssh is called") {
  const TestSshd sshd;
  SshTarget target = sshd.target();
  target.host = "-oProxyCommand=touch";
  CHECK(refusal(sshd, target).kind() == ErrorKind::kInvalid);
  Talking talking(sshd.target(), "/" + std::string(100, 'f'));
  const Result<LocalSocket> socket = talking.open("cat");
  REQUIRE(!socket.ok());
  CHECK(socket.error().kind() == ErrorKind::kInvalid);
}

TEST_CASE("a machine where nobody listens is an error and can be tried again") {
  TestSshd sshd;
  Talking talking(sshd);
  sshd.kill();
  const Result<LocalSocket> refused = talking.open("cat");
  REQUIRE(!refused.ok());
  CHECK(says(refused.error(), "Connection refused"));
  sshd.start();
  Result<LocalSocket> socket = talking.open("cat");
  REQUIRE(socket.ok());
  CHECK(talking.echo(*socket, "hello") == "hello");
}

TEST_CASE("when sshd is killed the streams end and the next command has a new connection") {
  TestSshd sshd;
  Talking talking(sshd);
  Result<LocalSocket> socket = talking.open("cat");
  REQUIRE(socket.ok());
  CHECK(talking.echo(*socket, "hello") == "hello");
  sshd.kill();
  CHECK(talking.readAll(*socket).empty());
  sshd.start();
  Result<LocalSocket> again = talking.open("cat");
  REQUIRE_MESSAGE(again.ok(), (again.ok() ? "" : again.error().message()));
  CHECK(talking.echo(*again, "again") == "again");
  CHECK(sshd.letIn() == 2);
}

TEST_CASE("a connection that is frozen is noticed and replaced") {
  const TestSshd sshd;
  SshPatience patience;
  patience.alive_interval = 1s;
  patience.alive_count_max = 1;
  Talking talking(sshd, patience);
  Result<LocalSocket> socket = talking.open("cat");
  REQUIRE(socket.ok());
  CHECK(talking.echo(*socket, "hello") == "hello");
  sshd.freezeConnections();
  CHECK(talking.readAll(*socket).empty());
  CHECK(talking.connection().lastWords().find("not responding") != std::string::npos);
  Result<LocalSocket> again = talking.open("cat");
  REQUIRE(again.ok());
  CHECK(talking.echo(*again, "again") == "again");
  CHECK(sshd.letIn() == 2);
}

TEST_CASE("a server that says nothing is a timeout") {
  const SilentServer server;
  const TempFolder folder;
  SshPatience patience;
  patience.start = 100ms;
  Talking talking(server.target(), folder.path(), patience);
  const Result<LocalSocket> socket = talking.open("cat");
  REQUIRE(!socket.ok());
  CHECK(socket.error().kind() == ErrorKind::kTimeout);
  CHECK(processesWith(folder.path()).empty());
}

TEST_CASE("commands that wait for a connection are cancelled with it") {
  SilentServer server;
  const TempFolder folder;
  Talking talking(server.target(), folder.path());
  Result<LocalSocket> socket = Error(ErrorKind::kSystem, "not opened");
  const auto open = [&]() -> awaitable<void> {
    socket = co_await talking.connection().open("cat");
  };
  boost::asio::co_spawn(talking.context, open(), boost::asio::detached);
  REQUIRE(talking.comesTrue([&] { return !processesWith(folder.path()).empty(); }));
  talking.destroyConnection();
  CHECK(processesWith(folder.path()).empty());
  REQUIRE(talking.comesTrue([&] { return socket.error().message() != "not opened"; }));
  CHECK(socket.error().kind() == ErrorKind::kCancelled);
}

TEST_CASE("ssh dies with the thread that started it") {
  const TestSshd sshd;
  Talking talking(sshd);
  std::thread([&] {
    static_cast<void>(talking.open("cat"));
    CHECK(comesTrue([&] { return processesWith(sshd.controlFolder()).size() == 2; }));
  }).join();
  CHECK(comesTrue([&] { return processesWith(sshd.controlFolder()).empty(); }));
}
