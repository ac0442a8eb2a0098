#include "vmms/docker/engine_address.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using tango::base::ErrorKind;
using tango::vmms::docker::EngineAddress;
using tango::vmms::docker::parseEngineAddress;
using Way = EngineAddress::Way;

namespace {

EngineAddress parsed(const std::string& text, bool tls = false) {
  const auto address = parseEngineAddress(text, tls);
  REQUIRE_MESSAGE(address.ok(), text);
  return *address;
}

void checkRefused(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    for (const bool tls : {false, true}) {
      const auto address = parseEngineAddress(text, tls);
      REQUIRE_MESSAGE(!address.ok(), text);
      CHECK(address.error().kind() == ErrorKind::kInvalid);
      CHECK(address.error().message().find("secret") == std::string::npos);
    }
  }
}

}  // namespace

TEST_CASE("a unix socket is named by its whole path") {
  const EngineAddress address = parsed("unix:///run/user/1000/podman/podman.sock");
  CHECK(address.way == Way::kUnix);
  CHECK(address.socket == "/run/user/1000/podman/podman.sock");
  CHECK(address.text() == "unix:///run/user/1000/podman/podman.sock");
  CHECK(EngineAddress().text() == "unix:///var/run/docker.sock");
}

TEST_CASE("a tcp address has the engine's usual port if it names none") {
  CHECK(parsed("tcp://10.0.0.7").url == "http://10.0.0.7:2375");
  CHECK(parsed("tcp://Build-7.Example.org:80").url == "http://build-7.example.org:80");
  CHECK(parsed("tcp://10.0.0.7", true).url == "https://10.0.0.7:2376");
  CHECK(parsed("tcp://10.0.0.7:65535", true).url == "https://10.0.0.7:65535");
  CHECK(parsed("tcp://[2001:db8::1]").url == "http://[2001:db8::1]:2375");
  CHECK(parsed("tcp://[::1]:1").url == "http://[::1]:1");
  CHECK(parsed("tcp://[::1]:1").way == Way::kTcp);
  CHECK(parsed("tcp://10.0.0.7", true).text() == "tcp://10.0.0.7:2376");
  CHECK(parsed("tcp://[::1]").text() == "tcp://[::1]:2375");
}

TEST_CASE("an ssh address has what ssh is to be told") {
  const EngineAddress whole = parsed("ssh://tango@build-7.example.org:2222");
  CHECK(whole.way == Way::kSsh);
  CHECK(whole.ssh.user == "tango");
  CHECK(whole.ssh.host == "build-7.example.org");
  CHECK(whole.ssh.port == 2222);
  CHECK(whole.text() == "ssh://tango@build-7.example.org:2222");
  const EngineAddress bare = parsed("ssh://Alias_1");
  CHECK(bare.ssh.user.empty());
  CHECK(bare.ssh.host == "Alias_1");
  CHECK(bare.ssh.port == 0);
  CHECK(bare.text() == "ssh://Alias_1");
  const EngineAddress v6 = parsed("ssh://u@[fe80::1%eth0]:22", true);
  CHECK(v6.ssh.host == "fe80::1%eth0");
  CHECK(v6.text() == "ssh://u@[fe80::1%eth0]:22");
}

TEST_CASE("what is no address of an engine is refused without being repeated") {
  checkRefused({"", " ", "secret", "10.0.0.7:2375", "/secret.sock", "http://secret",
                "npipe:////./secret", "SSH://secret", "ssh:secret", "tcp:/secret"});
}

TEST_CASE("a path that cannot be a socket's is refused") {
  checkRefused({"unix://", "unix:///", "unix://secret", "unix:/secret", "unix:///secret/",
                "unix:///a\nb", "unix:///" + std::string(200, 'p'),
                std::string("unix:///a\0b", 11)});
}

TEST_CASE("a tcp address that cannot be is refused") {
  checkRefused({"tcp://",           "tcp://:2375",     "tcp://secret:",      "tcp://secret:0",
                "tcp://secret:-1",  "tcp://secret:+1", "tcp://secret: 1",    "tcp://secret:1x",
                "tcp:// secret",    "tcp://secret ",   "tcp://a secret",     "tcp://secret/",
                "tcp://secret:1/v", "tcp://secret?q",  "tcp://secret#f",     "tcp://u@secret",
                "tcp://::1",        "tcp://[::1",      "tcp://[::1]x",       "tcp://[::1]x:1",
                "tcp://[secret]",   "tcp://[]",        "tcp://[:]",          "tcp://[::g]",
                "tcp://s\xc3\xa9",  "tcp://secret%41", "tcp://secret:65536", "tcp://u:secret@h"});
}

TEST_CASE("an ssh address that cannot be is refused") {
  checkRefused(
      {"ssh://",         "ssh://@secret",   "ssh://u@",           "ssh://:22",
       "ssh://secret/p", "ssh://secret/",   "ssh://-secret",      "ssh://-secret@host",
       "ssh://secret:0", "ssh://secret:",   "ssh://u:secret@h",   "ssh://a@b@secret",
       "ssh://::1",      "ssh://[::1",      "ssh://[secret]",     "ssh://a b",
       "ssh://a\nb",     "ssh://$(secret)", "ssh://secret:65536", std::string("ssh://a\0b", 9)});
}
