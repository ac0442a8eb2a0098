#include "vmms/ssh/ssh_arguments.hpp"

#include <algorithm>
#include <string_view>

#include <doctest/doctest.h>

using namespace tango::vmms::ssh;
using tango::base::ErrorKind;

namespace {

SshTarget targetOf(const std::string& host, const std::string& user = "") {
  SshTarget target;
  target.host = host;
  target.user = user;
  return target;
}

bool isRefused(const SshTarget& target) {
  const auto checked = checkTarget(target);
  return !checked.ok() && checked.error().kind() == ErrorKind::kInvalid;
}

bool has(const std::vector<std::string>& arguments, const std::string& one,
         const std::string& next) {
  const auto found = std::adjacent_find(
      arguments.begin(), arguments.end(),
      [&](const std::string& a, const std::string& b) { return a == one && b == next; });
  return found != arguments.end();
}

}  // namespace

TEST_CASE("names that hosts and users have are let pass") {
  for (const char* host : {"h", "10.0.0.1", "build-7.example.org", "::1", "fe80::1%eth0", "h_1"}) {
    CHECK_MESSAGE(checkTarget(targetOf(host, "user.name-1")).ok(), host);
  }
}

TEST_CASE("what ssh or a shell could take for something else than a name is refused") {
  for (const char* name : {"-oProxyCommand=x", "-", "a b", "a@b", "a;b", "$(x)", "`x`", "a/b",
                           "a\nb", "h\xc3\xb6st", "a'b", "a\"b", "a\\b", "a=b", "[::1]"}) {
    CHECK_MESSAGE(isRefused(targetOf(name)), name);
    CHECK_MESSAGE(isRefused(targetOf("host", name)), name);
  }
  CHECK(isRefused(targetOf("")));
  CHECK(isRefused(targetOf(std::string("a\0b", 3))));
  CHECK(isRefused(targetOf(std::string(256, 'a'))));
}

TEST_CASE("paths that would leave their quotation marks are refused") {
  for (const char* path : {"a\"b", "a\nb", "a\\"}) {
    SshTarget target = targetOf("host");
    target.known_hosts_file = path;
    CHECK(isRefused(target));
    target.known_hosts_file.clear();
    target.key_file = path;
    CHECK(isRefused(target));
    target.key_file.clear();
    target.config_file = path;
    CHECK(isRefused(target));
  }
}

TEST_CASE("the host stands behind all options and the command behind the host") {
  const std::vector<std::string> arguments =
      commandArguments(targetOf("host", "user"), {}, "/socket", "-la; true");
  REQUIRE(arguments.size() > 3);
  const std::vector<std::string> end(arguments.end() - 3, arguments.end());
  CHECK(end == std::vector<std::string>{"--", "host", "-la; true"});
  CHECK(has(arguments, "-l", "user"));
  CHECK(has(arguments, "-S", "/socket"));
  CHECK(has(arguments, "-o", "ControlMaster=no"));
}

TEST_CASE("ssh never asks and host keys are checked as the operator has it") {
  const std::vector<std::string> arguments = masterArguments(targetOf("host"), {}, "/socket");
  CHECK(has(arguments, "-o", "BatchMode=yes"));
  CHECK(has(arguments, "-o", "ServerAliveInterval=15"));
  CHECK(has(arguments, "-o", "ServerAliveCountMax=3"));
  for (const std::string& each : arguments) {
    CHECK(each.find("HostKeyChecking") == std::string::npos);
    CHECK(each.find("KnownHosts") == std::string::npos);
  }
}

TEST_CASE("what the target says is told to ssh") {
  SshTarget target = targetOf("host");
  target.port = 2222;
  target.config_file = "/etc/tango/ssh config";
  target.key_file = "/etc/tango/key";
  target.known_hosts_file = "/etc/tango/known hosts";
  const std::vector<std::string> arguments = masterArguments(target, {}, "/socket");
  CHECK(has(arguments, "-p", "2222"));
  CHECK(has(arguments, "-F", "/etc/tango/ssh config"));
  CHECK(has(arguments, "-i", "/etc/tango/key"));
  CHECK(has(arguments, "-o", "UserKnownHostsFile=\"/etc/tango/known hosts\""));
}
