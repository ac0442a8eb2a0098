// What [vmms.localDocker] and [vmms.distDocker] configure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "vmms/docker/engine_address.hpp"

namespace tango::config {

/// PEM files for engines that are reached by tcp with TLS; "": none.
struct DockerTls {
  std::string ca_file;
  std::string cert_file;
  std::string key_file;

  [[nodiscard]] bool isSet() const {
    return !ca_file.empty() || !cert_file.empty() || !key_file.empty();
  }
};

/// How containers are to be, whatever their host.
struct DockerContainers {
  bool allow_unenforced = false;
  base::Millis lease{600'000};  ///< without its service for as long, a container ends by itself
};

/// A host's bounds; 0: what the host has (of its memory three quarters).
struct DockerBounds {
  std::uint64_t cpu_millis = 0;
  std::uint64_t memory_bytes = 0;
  std::uint64_t vms_max = 0;
};

/// [vmms.localDocker]
struct LocalDocker {
  bool enabled = false;
  std::string address = "unix:///var/run/docker.sock";
  DockerTls tls;
  DockerBounds bounds;
  DockerContainers containers;
};

/// [[vmms.distDocker.host]]
struct DockerHost {
  std::string name;  ///< "" stands for that of the address; parseConfig puts it in
  std::string address;
  DockerBounds bounds;
  std::vector<std::string> labels;
};

/// [vmms.distDocker]
struct DistDocker {
  bool enabled = false;
  std::string dns_name;  ///< all of its addresses are hosts; "": none
  // How the hosts of dns_name are reached, and those with an ssh address that say nothing else.
  std::string user;
  std::uint16_t port = 0;
  std::string ssh_config;
  std::string ssh_key;
  DockerTls tls;
  DockerBounds bounds;  ///< of each host of dns_name
  DockerContainers containers;
  std::vector<DockerHost> hosts;
};

/// Where an engine is reached, with all that the section says beside the address. kInvalid.
base::Result<vmms::docker::EngineAddress> engineAddress(const LocalDocker& docker);
base::Result<vmms::docker::EngineAddress> engineAddress(const DistDocker& docker,
                                                        const DockerHost& host);
/// The same of the hosts of `dns_name`, with that name in the place of a host's: by tcp where the
/// section has TLS files, else by ssh.
base::Result<vmms::docker::EngineAddress> dnsAddress(const DistDocker& docker);

/// The part of an engine's address that tells its machine from others: a host, or a socket's path.
[[nodiscard]] std::string hostOfAddress(const std::string& address);

/// Names the hosts that have no name of their own by their addresses' hosts.
void nameHosts(DistDocker& docker);

/// What no key of the two sections can see alone, one sentence each, which begins with the key.
std::vector<std::string> problemsOf(const LocalDocker& docker);
std::vector<std::string> problemsOf(const DistDocker& docker);

}  // namespace tango::config
