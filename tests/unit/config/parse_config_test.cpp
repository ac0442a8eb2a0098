#include <doctest/doctest.h>

#include "config/service_config.hpp"
#include "unit/config/config_text.hpp"

namespace tango::config {
namespace {

TEST_CASE("an empty file is the defaults") {
  CHECK(showConfig(parsed("")) == showConfig(ServiceConfig()));
  CHECK(parsed("").server.port == 3000);
}

TEST_CASE("every kind of value is read") {
  const ServiceConfig config = parsed(R"(
data_dir = "/srv/tango"
[server]
port = 8080
keys = ["a-long-key-of-the-front-end", "another"]
drain = 2.5
body_size_max = "1.5MiB"
[limits]
timeout = "2m"
cpus = 1.5
memory = 536870912
network = true
[limits.max]
timeout = 90
memory = "2G"
processes = "unlimited"
network = false
[images]
"ubuntu:22.04" = "sandbox"
[callbacks]
allowed_hosts = ["*.example.org"]
hold = 0
[vmms.sandbox]
vms_max = 4
[[prealloc]]
image = "host"
vms = 2
[[prealloc]]
image = "gcc"
vms = 1
memory = "64MiB"
)");
  CHECK(config.data_folder == "/srv/tango");
  CHECK(config.server.port == 8080);
  CHECK(config.keys == std::vector<std::string>{"a-long-key-of-the-front-end", "another"});
  CHECK(config.drain == base::Millis(2'500));
  CHECK(config.server.body_bytes_max == 1'572'864);
  CHECK(config.limits.wall_time == base::Millis(120'000));
  CHECK(config.machine.cpu_millis == 1'500);
  CHECK(config.machine.memory_bytes == 512 * model::kMiB);
  CHECK(config.machine.network);
  CHECK(config.caps.wall_time == base::Millis(90'000));
  CHECK(config.caps.memory_bytes == 2 * model::kGiB);
  CHECK_FALSE(config.caps.processes);
  CHECK_FALSE(config.caps.network);
  CHECK(config.vmms_of_image.at("ubuntu:22.04") == "sandbox");
  CHECK(config.callbacks.allowed_hosts == std::vector<std::string>{"*.example.org"});
  CHECK(config.scheduler.callback_hold == base::Millis(0));
  CHECK(config.sandbox.vms_max == 4);
  REQUIRE(config.prealloc.size() == 2);
  CHECK(config.prealloc[0].vms == 2);
  CHECK(config.prealloc[1].memory_bytes == 64 * model::kMiB);
}

TEST_CASE("an error names the file, the line, the key, and what it may be") {
  CHECK(problems("\n[server]\nport = 70000\n") ==
        "x.toml, line 3: server.port is to be a whole number from 0 to 65535; this is a whole "
        "number");
  CHECK(problems("[server]\nport = \"3000\"\n") ==
        "x.toml, line 2: server.port is to be a whole number from 0 to 65535; this is a string");
  CHECK(problems("[limits]\ntimeout = 0\n") ==
        "x.toml, line 2: limits.timeout is to be a number of seconds, or a string such as \"90s\", "
        "\"5m\", \"2h\", \"30d\", from 1ms to 1000000000s; this is a whole number");
  CHECK(problems("[limits.max]\ncpus = 0\n") ==
        "x.toml, line 2: limits.max.cpus is to be a number of cores such as 1.5, above 0 and at "
        "most 4096, or \"unlimited\"; this is a whole number");
}

TEST_CASE("a mistyped key is answered with the one that was meant") {
  CHECK(problems("[server]\nprot = 1\n") ==
        "x.toml, line 2: unknown key server.prot; did you mean server.port?");
  CHECK(problems("[limits.max]\nmemroy = 1\n") ==
        "x.toml, line 2: unknown key limits.max.memroy; did you mean limits.max.memory?");
  CHECK(problems("[Server]\nport = 1\n") ==
        "x.toml, line 1: unknown key Server; did you mean server?");
  CHECK(problems("[vmms.sandbx]\nenabled = true\n") ==
        "x.toml, line 1: unknown key vmms.sandbx; did you mean vmms.sandbox?");
  CHECK(problems("connections_max = 1\n") ==
        "x.toml, line 1: unknown key connections_max; did you mean server.connections_max?");
  CHECK(problems("[server]\nentirely_else = 1\n") ==
        "x.toml, line 2: unknown key server.entirely_else");
  CHECK(problems("\"a\\nb\" = 1\n") == "x.toml, line 1: unknown key \"a\\u000Ab\"");
}

TEST_CASE("all problems are told at once, in the order of the lines") {
  CHECK(problems("[server]\nport = -1\nhots = 1\n[jobs]\nretries = true\n") ==
        "x.toml, line 2: server.port is to be a whole number from 0 to 65535; this is a whole "
        "number\n"
        "x.toml, line 3: unknown key server.hots; did you mean server.host?\n"
        "x.toml, line 5: jobs.retries is to be a whole number from 0 to 100; this is true or "
        "false");
  std::string many = "[server]\n";
  for (int at = 0; at < 50; ++at) {
    many += "wrong" + std::to_string(at) + " = 1\n";
  }
  CHECK(problems(many).ends_with("and 30 more problems"));
}

TEST_CASE("a value of another shape is refused") {
  for (const char* text : {"server = 1",
                           "[[server]]\nport = 1",
                           "limits.max = 3",
                           "prealloc = 1",
                           "prealloc = [1]",
                           "images = 1",
                           "images.a = 1",
                           "images.a = \"\"",
                           "[prealloc]\nimage = \"x\"",
                           "vmms = []",
                           "[server]\nkeys = \"x\"",
                           "[server]\nkeys = [1]",
                           "[server]\nkeys = [\"\"]",
                           "[server]\nhost = \"\"",
                           "[server]\nhost = \"a\\nb\"",
                           "[server]\ntls_key = \"relative\"",
                           "[server]\ndrain = -1",
                           "[server]\ndrain = nan",
                           "[server]\ndrain = inf",
                           "[server]\ndrain = \"1\\u0000s\"",
                           "[server]\ndrain = 1979-05-27",
                           "[limits]\ncpus = -0.5",
                           "[limits]\nmemory = \"1GB\"",
                           "[limits]\nmemory = 1.5",
                           "[limits]\nmemory = -1",
                           "[limits]\nmemory = 0",
                           "[limits]\ntimeout = 1e300",
                           "[limits.max]\ntimeout = \"none\"",
                           "[pools]\nvm_prefix = \"a b\"",
                           "[server]\nport = 9223372036854775807"}) {
    CAPTURE(text);
    CHECK(problems(text).starts_with("x.toml, line "));
  }
}

TEST_CASE("a preallocation needs an image and a number") {
  CHECK(problems("[[prealloc]]\nimage = \"host\"\n") == "x.toml, line 1: [[prealloc]] lacks vms");
  CHECK(problems("[[prealloc]]\nimage = \"host\"\nvms = 0\n") ==
        "x.toml, line 3: prealloc.vms is to be a whole number from 1 to 1000000; this is a whole "
        "number");
}

TEST_CASE("what goes together is checked together") {
  CHECK(problems("[server]\ntls_cert = \"/a\"\n") ==
        "x.toml: server.tls_cert and server.tls_key go together: set both, or none");
  CHECK(problems("[pools]\nbackoff_min = \"2m\"\n") ==
        "x.toml: pools.backoff_min is above pools.backoff_max");
}

TEST_CASE("what is no TOML is refused with its line, and a key twice is named") {
  CHECK(problems("[server\n").starts_with("x.toml, line "));
  CHECK(problems("\xff\xfe").starts_with("x.toml, line "));
  CHECK(problems(std::string("a\0b", 3)).starts_with("x.toml, line "));
  CHECK(problems("[server]\nport = 1\nport = 2\n").find("'port'") != std::string::npos);
  CHECK(problems(std::string(100'000, '[')).starts_with("x.toml, line "));
}

TEST_CASE("no error and no dump has a client's key in it") {
  for (const char* text :
       {"[server]\nkeys = [\"hunter2-hunter2\\u0001\"]", "[server]\nkeys = \"hunter2-hunter2\"",
        "[server]\nkeys = [\"hunter2-hunter2\", 1]", "[server]\nkeys = [hunter2-hunter2]",
        "[server]\nkeys = [\"hunter2-hunter2\"\nport=1", "[server]\nkeys = hunter2-hunter2",
        "[server]\nkeys = 99hunter2-hunter2", "[server]\nkeys = [true-hunter2-hunter2]",
        "[server]\nkeys = [\"hunter2\\hunter2\"]", "[server]\nkeys = \"hunter2\nhunter2\""}) {
    CAPTURE(text);
    const std::string message = problems(text);
    CHECK(message.find("unter2") == std::string::npos);
  }
  CHECK(problems("[server]\nkeys = [12345678901234567890123]").find("1234567") ==
        std::string::npos);
  const std::string shown = showConfig(parsed("[server]\nkeys = [\"hunter2\", \"b\"]\n"));
  CHECK(shown.find("hunter2") == std::string::npos);
  CHECK(shown.find("keys = [\"***\", \"***\"]") != std::string::npos);
}

TEST_CASE("what is shown reads back as the same") {
  const ServiceConfig config = parsed(R"(
default_vmms = "sand\"box\\"
[limits]
cpus = 0.333
memory = 1048577
timeout = "1500ms"
[limits.max]
cpus = 2
[images]
"a b" = "c"
[[prealloc]]
image = "x"
vms = 3
)");
  CHECK(showConfig(parsed(showConfig(config))) == showConfig(config));
  CHECK(showConfig(config).find("timeout = \"1500ms\"") != std::string::npos);
}

}  // namespace
}  // namespace tango::config
