#include "config/docker_config.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include "config/warnings.hpp"
#include "unit/config/config_text.hpp"

namespace tango::config {
namespace {

using Way = vmms::docker::EngineAddress::Way;

std::string warnings(const std::string& text) {
  std::string all;
  for (const std::string& warning : warningsOf(parsed(text), "")) {
    all += warning + "\n";
  }
  return all;
}

bool warns(const std::string& text, const std::string& of) {
  return warnings(text).find(of) != std::string::npos;
}

TEST_CASE("both Docker VMMSs are off until they are wanted") {
  const ServiceConfig config = parsed("");
  CHECK_FALSE(config.local_docker.enabled);
  CHECK_FALSE(config.dist_docker.enabled);
  const auto address = engineAddress(config.local_docker);
  REQUIRE(address.ok());
  CHECK(address->way == Way::kUnix);
  CHECK(address->socket == "/var/run/docker.sock");
  CHECK(config.local_docker.containers.lease == base::Millis(600'000));
}

TEST_CASE("a host has its own address, and the section's user, key and certificates") {
  const ServiceConfig config = parsed(R"(
[vmms.distDocker]
enabled = true
dns_name = "docker.example.org"
user = "grader"
port = 2222
ssh_config = "/etc/tango/ssh_config"
ssh_key = "/etc/tango/id"
lease = "2m"
cpus = 2
[[vmms.distDocker.host]]
address = "ssh://one.example.org"
cpus = 1.5
memory = "2GiB"
vms_max = 3
labels = ["fast", "room 4"]
[[vmms.distDocker.host]]
address = "ssh://root@two.example.org:22"
name = "second"
[[vmms.distDocker.host]]
address = "unix:///run/docker.sock"
)");
  const DistDocker& docker = config.dist_docker;
  REQUIRE(docker.hosts.size() == 3);
  CHECK(docker.hosts[0].name == "one.example.org");
  CHECK(docker.hosts[0].bounds.cpu_millis == 1'500);
  CHECK(docker.hosts[0].bounds.memory_bytes == 2 * model::kGiB);
  CHECK(docker.hosts[0].bounds.vms_max == 3);
  CHECK(docker.hosts[0].labels == std::vector<std::string>{"fast", "room 4"});
  CHECK(docker.hosts[1].name == "second");
  CHECK(docker.hosts[2].name == "/run/docker.sock");
  const auto one = engineAddress(docker, docker.hosts[0]);
  REQUIRE(one.ok());
  CHECK(one->text() == "ssh://grader@one.example.org:2222");
  CHECK(one->ssh.config_file == "/etc/tango/ssh_config");
  CHECK(one->ssh.key_file == "/etc/tango/id");
  const auto two = engineAddress(docker, docker.hosts[1]);
  REQUIRE(two.ok());
  CHECK(two->text() == "ssh://root@two.example.org:22");
  const auto all = dnsAddress(docker);
  REQUIRE(all.ok());
  CHECK(all->text() == "ssh://grader@docker.example.org:2222");
  CHECK(docker.bounds.cpu_millis == 2'000);
  const std::string shown = showConfig(config);
  CHECK(showConfig(parsed(shown)) == shown);
}

TEST_CASE("certificates make tcp one of TLS, also for the hosts of a DNS name") {
  const ServiceConfig config = parsed(R"(
[vmms.distDocker]
dns_name = "docker.example.org"
tls_ca = "/etc/tango/ca.pem"
tls_cert = "/etc/tango/cert.pem"
tls_key = "/etc/tango/key.pem"
[[vmms.distDocker.host]]
address = "tcp://one.example.org"
)");
  const auto one = engineAddress(config.dist_docker, config.dist_docker.hosts[0]);
  REQUIRE(one.ok());
  CHECK(one->url == "https://one.example.org:2376");
  CHECK(one->ca_file == "/etc/tango/ca.pem");
  CHECK(one->cert_file == "/etc/tango/cert.pem");
  CHECK(one->key_file == "/etc/tango/key.pem");
  const auto all = dnsAddress(config.dist_docker);
  REQUIRE(all.ok());
  CHECK(all->url == "https://docker.example.org:2376");
}

TEST_CASE("an address that is none is named by its key, and not repeated") {
  for (const char* address : {"", "docker", "http://host", "unix://socket", "ssh://", "tcp://h:0",
                              "ssh://user:hunter2@host", "ssh://-oProxyCommand=hunter2",
                              "tcp://host/path", "ssh://a b"}) {
    CAPTURE(address);
    const std::string quoted = "address = \"" + std::string(address) + "\"\n";
    const std::string local = problems("[vmms.localDocker]\n" + quoted);
    CHECK(local.starts_with("x.toml, line 2: vmms.localDocker.address is to be where a Docker"));
    const std::string host = problems("[[vmms.distDocker.host]]\n" + quoted);
    CHECK(host.find("vmms.distDocker.host.address is to be where") != std::string::npos);
    CHECK((local + host).find("hunter2") == std::string::npos);
  }
}

TEST_CASE("what no key can see alone is a problem too") {
  const auto problem = [](const std::string& text) {
    return problems("[vmms.distDocker]\n" + text);
  };
  CHECK(problem("enabled = true\n") ==
        "x.toml: vmms.distDocker has no hosts: add [[vmms.distDocker.host]], or dns_name");
  CHECK(problem("tls_key = \"/k\"\n").find("tls_cert and") != std::string::npos);
  CHECK(problem("dns_name = \"a b\"\n").starts_with("x.toml: vmms.distDocker.dns_name: "));
  CHECK(problem("dns_name = \"host:1/x\"\n").starts_with("x.toml: vmms.distDocker.dns_name: "));
  CHECK(
      problem("dns_name = \"h\"\nuser = \"-l\"\n").starts_with("x.toml: vmms.distDocker.dns_name"));
  CHECK(problem("user = \"a b\"\n[[vmms.distDocker.host]]\naddress = \"ssh://h\"\n")
            .starts_with("x.toml: vmms.distDocker.user: "));
  CHECK(problem("[[vmms.distDocker.host]]\naddress = \"ssh://h\"\n"
                "[[vmms.distDocker.host]]\naddress = \"tcp://h\"\n") ==
        "x.toml: vmms.distDocker.host.name: two hosts have the name h");
  CHECK(problems("[[vmms.distDocker.host]]\nname = \"x\"\n") ==
        "x.toml, line 1: [[vmms.distDocker.host]] lacks address");
  CHECK(problems("[vmms.localDocker]\ntls_ca = \"/ca\"\n").find("are for tcp addresses") !=
        std::string::npos);
  CHECK(problems("[vmms.localDocker]\nlease = \"10s\"\n").find("from 1m to") != std::string::npos);
}

TEST_CASE("an engine that everybody can command is warned of") {
  const std::string tcp = "[vmms.localDocker]\nenabled = true\naddress = \"tcp://10.0.0.7\"\n";
  CHECK(warns(tcp, "vmms.localDocker: tcp://10.0.0.7: without TLS everybody"));
  CHECK(warns(tcp + "tls_ca = \"/nonexistent\"\n", "without vmms.localDocker.tls_cert"));
  CHECK(warns(tcp + "tls_ca = \"/nonexistent\"\n", "vmms.localDocker.tls_ca: /nonexistent: "));
  CHECK(warnings("[vmms.localDocker]\nenabled = true\naddress = \"tcp://127.0.0.1\"\n").empty());
  CHECK(warnings("[vmms.localDocker]\naddress = \"tcp://10.0.0.7\"\n").empty());
  CHECK(warns("default_vmms = \"localDocker\"\n", "the VMMS localDocker is not enabled"));
  CHECK(warns("[vmms.localDocker]\nenabled = true\nallow_unenforced = true\n",
              "vmms.localDocker.allow_unenforced"));
}

}  // namespace
}  // namespace tango::config
