#include "config/docker_config.hpp"

#include <set>

namespace tango::config {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using vmms::docker::EngineAddress;
using vmms::docker::parseEngineAddress;
using Way = EngineAddress::Way;

// Where the address itself says nothing.
void complete(EngineAddress& address, const DistDocker& docker) {
  if (address.way != Way::kSsh) {
    return;
  }
  vmms::ssh::SshTarget& ssh = address.ssh;
  ssh.user = ssh.user.empty() ? docker.user : ssh.user;
  ssh.port = ssh.port == 0 ? docker.port : ssh.port;
  ssh.config_file = docker.ssh_config;
  ssh.key_file = docker.ssh_key;
}

Result<EngineAddress> parsed(const std::string& text, const DockerTls& tls) {
  Result<EngineAddress> address = parseEngineAddress(text, tls.isSet());
  if (address && address->way == Way::kTcp) {
    address->ca_file = tls.ca_file;
    address->cert_file = tls.cert_file;
    address->key_file = tls.key_file;
  }
  return address;
}

void checkTls(const std::string& table, const DockerTls& tls, std::vector<std::string>& problems) {
  if (tls.cert_file.empty() != tls.key_file.empty()) {
    problems.push_back(table + ".tls_cert and " + table +
                       ".tls_key go together: set both, or none");
  }
}

}  // namespace

Result<EngineAddress> engineAddress(const LocalDocker& docker) {
  return parsed(docker.address, docker.tls);
}

Result<EngineAddress> engineAddress(const DistDocker& docker, const DockerHost& host) {
  Result<EngineAddress> address = parsed(host.address, docker.tls);
  if (address) {
    complete(*address, docker);
  }
  return address;
}

Result<EngineAddress> dnsAddress(const DistDocker& docker) {
  const std::string port = docker.port == 0 ? "" : ":" + std::to_string(docker.port);
  const std::string scheme = docker.tls.isSet() ? "tcp://" : "ssh://";
  Result<EngineAddress> address = parsed(scheme + docker.dns_name + port, docker.tls);
  if (address) {
    complete(*address, docker);
    const Result<void> target =
        address->way == Way::kSsh ? vmms::ssh::checkTarget(address->ssh) : Result<void>();
    if (!target) {
      return target.error();
    }
  }
  return address;
}

std::string hostOfAddress(const std::string& address) {
  const std::size_t scheme = address.find("://");
  std::string host = scheme == std::string::npos ? address : address.substr(scheme + 3);
  if (address.starts_with("unix://")) {
    return host;
  }
  host = host.substr(host.find('@') == std::string::npos ? 0 : host.find('@') + 1);
  if (host.starts_with('[')) {
    return host.substr(1, host.find(']') - 1);
  }
  return host.substr(0, host.find_first_of(":/"));
}

void nameHosts(DistDocker& docker) {
  for (DockerHost& host : docker.hosts) {
    host.name = host.name.empty() ? hostOfAddress(host.address) : host.name;
  }
}

std::vector<std::string> problemsOf(const LocalDocker& docker) {
  std::vector<std::string> problems;
  checkTls("vmms.localDocker", docker.tls, problems);
  if (docker.tls.isSet() && !docker.address.starts_with("tcp://")) {
    problems.emplace_back("vmms.localDocker.tls_ca, tls_cert and tls_key are for tcp addresses");
  }
  return problems;
}

std::vector<std::string> problemsOf(const DistDocker& docker) {
  std::vector<std::string> problems;
  checkTls("vmms.distDocker", docker.tls, problems);
  if (docker.enabled && docker.hosts.empty() && docker.dns_name.empty()) {
    problems.emplace_back(
        "vmms.distDocker has no hosts: add [[vmms.distDocker.host]], or dns_name");
  }
  if (!docker.dns_name.empty()) {
    if (const auto address = dnsAddress(docker); !address) {
      problems.push_back("vmms.distDocker.dns_name: " + address.error().message());
    }
  }
  std::set<std::string> names;
  for (const DockerHost& host : docker.hosts) {
    if (host.address.empty()) {
      continue;  // a problem of its own
    }
    if (!names.insert(host.name).second) {
      problems.push_back("vmms.distDocker.host.name: two hosts have the name " + host.name);
    }
    const auto address = engineAddress(docker, host);
    const Result<void> target = address && address->way == Way::kSsh
                                    ? vmms::ssh::checkTarget(address->ssh)
                                    : Result<void>();
    if (!target) {
      problems.push_back("vmms.distDocker.user: " + target.error().message());
    }
  }
  return problems;
}

}  // namespace tango::config
