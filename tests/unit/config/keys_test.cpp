#include "config/keys.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "config/service_config.hpp"
#include "config/warnings.hpp"
#include "support/temp_folder.hpp"
#include "unit/config/config_text.hpp"

namespace tango::config {
namespace {

using test::TempFolder;

bool anyOf(const std::vector<std::string>& warnings, const std::string& text) {
  for (const std::string& warning : warnings) {
    if (warning.find(text) != std::string::npos) {
      return true;
    }
  }
  return false;
}

TEST_CASE("only this machine reaches a loopback address") {
  for (const char* host : {"127.0.0.1", "127.255.0.9", "::1", "[::1]", "localhost",
                           "::ffff:127.0.0.1", "0:0:0:0:0:0:0:1"}) {
    CAPTURE(host);
    CHECK(isLoopback(host));
  }
  for (const char* host : {"", "0.0.0.0", "::", "128.0.0.1", "127.0.0.1.example.org", "127.1",
                           "localhost.example.org", "10.0.0.1", "::2", "[", "[]", "127.0.0.1 "}) {
    CAPTURE(host);
    CHECK_FALSE(isLoopback(host));
  }
  CHECK_FALSE(isLoopback(std::string_view("127.0.0.1\0x", 11)));
}

TEST_CASE("a weak key is named by its weakness, not by itself") {
  CHECK(weaknessOf("test") == "it is `test`, which everybody knows");
  CHECK(weaknessOf("hunter2") == "it has fewer than 16 characters");
  CHECK(weaknessOf("0123456789abcdef").empty());
}

TEST_CASE("a key file has one key a line, and its keys join the configuration's") {
  const TempFolder folder;
  const std::string keys = folder.write("keys", "# ours\n\nfirst-of-the-keys\r\n  second key  ");
  CHECK(*readKeyFile(keys) == std::vector<std::string>{"first-of-the-keys", "second key"});
  const std::string file =
      folder.write("tango.toml", "[server]\nkeys = [\"inline\"]\nkey_file = \"" + keys + "\"\n");
  CHECK(readConfig(file)->keys ==
        std::vector<std::string>{"inline", "first-of-the-keys", "second key"});
  CHECK(readConfig(file, KeyFile::kLeave)->keys == std::vector<std::string>{"inline"});
}

TEST_CASE("a key file that is none is refused and not quoted") {
  const TempFolder folder;
  for (const std::string& content :
       {std::string(), std::string("\n# nothing\n"),
        std::string("good-enough-key-0\nhunter2\x01\n"), std::string("hunter2\0x", 9),
        std::string(300, 'k'), std::string(70'000, '\n')}) {
    const base::Result<std::vector<std::string>> keys = readKeyFile(folder.write("keys", content));
    REQUIRE_FALSE(keys.ok());
    CHECK(keys.error().message().find("hunter2") == std::string::npos);
  }
  CHECK(readKeyFile(folder.path()).error().kind() != base::ErrorKind::kNotFound);
  CHECK(readKeyFile("/dev/zero").error().kind() == base::ErrorKind::kInvalid);
  CHECK(readKeyFile(folder.path() / "none").error().kind() == base::ErrorKind::kNotFound);
  const std::string file = folder.write("tango.toml", "[server]\nkey_file = \"/nonexistent\"\n");
  CHECK(readConfig(file).error().message() ==
        file + ": server.key_file: open /nonexistent: No such file or directory");
}

TEST_CASE("a configuration that is not there is kNotFound where it was named") {
  CHECK(readConfig("/nonexistent/tango.toml").error().kind() == base::ErrorKind::kNotFound);
  CHECK(siteConfig("/nonexistent/tango.toml").error().kind() == base::ErrorKind::kNotFound);
  CHECK(readConfig("/dev/zero").error().kind() == base::ErrorKind::kInvalid);
}

TEST_CASE("the defaults have nothing to warn of") {
  CHECK(warningsOf(ServiceConfig(), "").empty());
}

TEST_CASE("what an administrator most likely does not want is said") {
  const auto warns = [](const std::string& text, const std::string& of) {
    CAPTURE(text);
    CHECK(anyOf(warningsOf(parsed(text), ""), of));
  };
  warns("default_vmms = \"docker\"", "default_vmms: there is no VMMS \"docker\"");
  warns("vmms.sandbox.enabled = false", "default_vmms: the VMMS sandbox is not enabled");
  warns("images.\"a b\" = \"x\"", "images.\"a b\": there is no VMMS \"x\"");
  warns("server.host = \"0.0.0.0\"", "without TLS their keys");
  warns("server.keys = [\"test\"]", "key 1 is weak: it is `test`");
  warns("server.keys = [\"test\"]\nserver.host = \"::\"", "refuses to listen on ::");
  warns("server.tls_cert = \"/nonexistent\"\nserver.tls_key = \"/none\"",
        "server.tls_key: /none: No such file or directory");
  warns("callbacks.ca_file = \"/nonexistent\"", "callbacks.ca_file: /nonexistent: No such file");
  warns("limits.max.timeout = 30", "limits: a job that asks for nothing of its own is refused");
  warns("limits.max.cpu_time = 30", "cpu-time: no limit is asked for");
  warns("limits.network = true", "limits.network: every job");
  warns("vmms.sandbox.allow_unenforced = true", "cannot be enforced");
  warns("limits.max.memory = \"2GiB\"\n[[prealloc]]\nimage = \"host\"\nvms = 1\nmemory = \"3GiB\"",
        "prealloc of \"host\": memory: ");
  warns("pools.vms_max = 1\n[[prealloc]]\nimage = \"host\"\nvms = 2", "a pool have 1 VMs");
  warns("vmms.sandbox.memory = \"2GiB\"\n[[prealloc]]\nimage = \"host\"\nvms = 3",
        "the VMs need 3072 MiB, and vmms.sandbox.memory is 2GiB");
  warns("[[prealloc]]\nimage = \"host\"\nvms = 3\nvmms = \"x\"", "prealloc.vmms: there is no VMMS");
}

TEST_CASE("a file with keys that everybody can read is warned of, and none of its keys is quoted") {
  const TempFolder folder;
  const std::string keys = folder.write("keys", "hunter2\n");
  const std::string file =
      folder.write("tango.toml", "[server]\nkeys = [\"hunter2\"]\nkey_file = \"" + keys + "\"\n");
  const auto warnings = [&] { return warningsOf(*readConfig(file), file); };
  REQUIRE(::chmod(file.c_str(), 0644) == 0);
  REQUIRE(::chmod(keys.c_str(), 0644) == 0);
  CHECK(anyOf(warnings(), "server.keys: every user of this machine can read " + file));
  CHECK(anyOf(warnings(), "server.key_file: every user of this machine can read " + keys));
  CHECK_FALSE(anyOf(warnings(), "hunter2"));
  REQUIRE(::chmod(file.c_str(), 0640) == 0);
  REQUIRE(::chmod(keys.c_str(), 0600) == 0);
  CHECK_FALSE(anyOf(warnings(), "every user"));
}

}  // namespace
}  // namespace tango::config
