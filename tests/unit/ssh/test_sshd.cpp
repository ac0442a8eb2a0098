#include "unit/ssh/test_sshd.hpp"

#include <csignal>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <vector>

#include <arpa/inet.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/unique_fd.hpp"
#include "unit/ssh/processes.hpp"

namespace tango::test {
namespace {

constexpr const char* kAddress = "127.0.0.1";

void must(bool done, const char* what) {
  if (!done) {
    throw std::runtime_error(what);
  }
}

pid_t spawn(std::vector<std::string> arguments) {
  std::vector<char*> pointers;
  for (std::string& each : arguments) {
    pointers.push_back(each.data());
  }
  pointers.push_back(nullptr);
  pid_t pid = -1;
  must(::posix_spawnp(&pid, pointers[0], nullptr, nullptr, pointers.data(), environ) == 0,
       arguments[0].c_str());
  return pid;
}

void run(std::vector<std::string> arguments) {
  int status = -1;
  ::waitpid(spawn(std::move(arguments)), &status, 0);
  must(status == 0, "run a program");
}

std::string contentOf(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

sockaddr_in addressOf(std::uint16_t port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  ::inet_pton(AF_INET, kAddress, &at.sin_addr);
  return at;
}

std::uint16_t freePort() {
  const base::UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in at = addressOf(0);
  socklen_t size = sizeof at;
  must(::bind(socket.get(), reinterpret_cast<sockaddr*>(&at), size) == 0, "bind");
  must(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&at), &size) == 0, "getsockname");
  return ntohs(at.sin_port);
}

bool listens(std::uint16_t port) {
  const base::UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in at = addressOf(port);
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
}

}  // namespace

TestSshd::TestSshd(const std::string& more) : port_(freePort()) {
  const auto write = [this](const std::string& name, const std::string& content) {
    static_cast<void>(folder_.write(name, content));
  };
  for (const char* name : {"host", "user", "stranger"}) {
    run({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder_.path() / name});
  }
  const std::string at = std::string("[") + kAddress + "]:" + std::to_string(port_) + " ";
  write("known_hosts", at + keyOf("host"));
  write("false_known_hosts", at + keyOf("stranger"));
  write("authorized_keys", keyOf("user"));
  const std::string folder = folder_.path().string() + "/";
  write("config", std::string("ListenAddress ") + kAddress + "\nPort " + std::to_string(port_) +
                      "\nHostKey " + folder + "host\nAuthorizedKeysFile " + folder +
                      "authorized_keys\nPidFile none\nStrictModes no\nUsePAM no\n"
                      "UseDNS no\nPasswordAuthentication no\n"
                      "KbdInteractiveAuthentication no\nLogLevel VERBOSE\n"
                      "PermitRootLogin prohibit-password\n"
                      // What the user's shell would do at a login is none of the tests' business.
                      "SetEnv HOME=" +
                      folder + "\n" + more);
  ::mkdir("/run/sshd", 0755);  // for root's
  start();
}

TestSshd::~TestSshd() {
  if (pid_ > 0) {
    kill();
  }
}

std::string TestSshd::keyOf(const std::string& name) const {
  return contentOf(folder_.path() / (name + ".pub"));
}

vmms::ssh::SshTarget TestSshd::target() const {
  vmms::ssh::SshTarget target;
  target.host = kAddress;
  target.port = port_;
  target.config_file = "/dev/null";
  target.key_file = folder_.path() / "user";
  target.known_hosts_file = folder_.path() / "known_hosts";
  return target;
}

std::string TestSshd::falseKnownHosts() const {
  return folder_.path() / "false_known_hosts";
}

void TestSshd::start() {
  const std::string folder = folder_.path();
  pid_ = spawn({"setpriv", "--pdeathsig", "KILL", "/usr/sbin/sshd", "-D", "-f", folder + "/config",
                "-E", folder + "/log"});
  must(comesTrue([this] { return listens(port_); }), "sshd does not listen");
}

void TestSshd::kill() {
  const std::vector<pid_t> theirs = descendantsOf(pid_);
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
  for (const pid_t each : theirs) {
    ::kill(each, SIGKILL);
  }
}

void TestSshd::freezeConnections() const {
  for (const pid_t each : descendantsOf(pid_)) {
    ::kill(each, SIGSTOP);
  }
}

std::size_t TestSshd::letIn() const {
  const std::string log = contentOf(folder_.path() / "log");
  std::size_t count = 0;
  for (std::size_t at = log.find("Accepted publickey"); at != std::string::npos;
       at = log.find("Accepted publickey", at + 1)) {
    ++count;
  }
  return count;
}

}  // namespace tango::test
