#include "config/warnings.hpp"

#include <cerrno>
#include <cstring>

#include <sys/stat.h>
#include <unistd.h>

#include "config/amounts.hpp"
#include "config/docker_config.hpp"
#include "config/ec2_config.hpp"
#include "config/keys.hpp"
#include "config/schema.hpp"

namespace tango::config {
namespace {

class Warnings {
 public:
  explicit Warnings(const ServiceConfig& config) : config_(config), schema_(schemaOf(config_)) {}

  std::vector<std::string> all(const std::string& path) && {
    checkVmms("default_vmms", config_.default_vmms);
    checkServer();
    checkKeys(path);
    checkDefaults();
    checkPreallocs();
    for (const auto& [image, vmms] : config_.vmms_of_image) {
      checkVmms("images." + tomlKey(image), vmms);
    }
    checkReadable("callbacks.ca_file", config_.callbacks.ca_file);
    if (config_.sandbox.enabled && config_.sandbox.allow_unenforced) {
      warn("vmms.sandbox.allow_unenforced: jobs run even if a limit of theirs cannot be enforced");
    }
    checkLocalDocker();
    checkDistDocker();
    checkEc2(path);
    return std::move(warnings_);
  }

 private:
  void warn(std::string what) { warnings_.push_back(std::move(what)); }

  void checkVmms(const std::string& key, const std::string& vmms) {
    for (const BackendEntry& backend : schema_.backends) {
      if (backend.name == vmms) {
        if (!*backend.enabled) {
          warn(key + ": the VMMS " + vmms + " is not enabled");
        }
        return;
      }
    }
    warn(key + ": there is no VMMS " + tomlText(vmms));
  }

  // Whether others than its owner and group may read it; group is how a service's user gets at it.
  void checkClosed(const std::string& what, const std::string& path) {
    struct stat status{};
    if (!path.empty() && ::stat(path.c_str(), &status) == 0 && (status.st_mode & 007) != 0) {
      warn(what + ": every user of this machine can read " + path + ": `chmod o= " + path + "`");
    }
  }

  void checkReadable(const std::string& key, const std::string& path) {
    if (!path.empty() && ::access(path.c_str(), R_OK) != 0) {
      warn(key + ": " + path + ": " + std::strerror(errno));
    }
  }

  void checkTls(const std::string& table, const DockerTls& tls) {
    checkReadable(table + ".tls_ca", tls.ca_file);
    checkReadable(table + ".tls_cert", tls.cert_file);
    checkReadable(table + ".tls_key", tls.key_file);
    checkClosed(table + ".tls_key", tls.key_file);
  }

  void checkContainers(const std::string& table, const DockerContainers& containers) {
    if (containers.allow_unenforced) {
      warn(table + ".allow_unenforced: jobs run even if a limit of theirs cannot be enforced");
    }
  }

  void checkAddress(const std::string& table, const std::string& address, const DockerTls& tls) {
    const std::string host = hostOfAddress(address);
    if (!address.starts_with("tcp://") || isLoopback(host)) {
      return;
    }
    if (!tls.isSet()) {
      warn(table + ": " + address + ": without TLS everybody who reaches it is root there");
    } else if (tls.cert_file.empty()) {
      warn(table + ": " + address + ": without " + table +
           ".tls_cert the engine can know nobody, and everybody who reaches it is root there");
    }
  }

  void checkLocalDocker() {
    const LocalDocker& docker = config_.local_docker;
    if (docker.enabled) {
      checkTls("vmms.localDocker", docker.tls);
      checkAddress("vmms.localDocker", docker.address, docker.tls);
      checkContainers("vmms.localDocker", docker.containers);
    }
  }

  void checkDistDocker() {
    const DistDocker& docker = config_.dist_docker;
    if (docker.enabled) {
      checkTls("vmms.distDocker", docker.tls);
      checkReadable("vmms.distDocker.ssh_config", docker.ssh_config);
      checkReadable("vmms.distDocker.ssh_key", docker.ssh_key);
      for (const DockerHost& host : docker.hosts) {
        checkAddress("vmms.distDocker", host.address, docker.tls);
      }
      checkContainers("vmms.distDocker", docker.containers);
    }
  }

  void checkEc2(const std::string& path) {
    const Ec2Ssh& ec2 = config_.ec2_ssh;
    if (!ec2.enabled) {
      return;
    }
    checkReadable("vmms.ec2SSH.ca_file", ec2.ca_file);
    checkReadable("vmms.ec2SSH.key_file", ec2.key_file);
    checkReadable("vmms.ec2SSH.user_data_file", ec2.set_up.file);
    checkClosed("vmms.ec2SSH.key_file", ec2.key_file);
    if (!ec2.secret_access_key.empty()) {
      checkClosed("vmms.ec2SSH.secret_access_key", path);
    }
    for (const std::string& cidr : ec2.ssh_from) {
      if (isEverywhere(cidr)) {
        warn("vmms.ec2SSH.ssh_from: " + cidr + " lets the whole internet try to get in by ssh");
      }
    }
    if (ec2.endpoint.starts_with("http://") && ec2.allow_http) {
      warn("vmms.ec2SSH.endpoint: what is said to it crosses the network in the clear");
    }
    // From five minutes before a shutdown on, systemd's pam_nologin lets in nobody but root.
    constexpr base::Millis kLeaseGood{900'000};
    if (ec2.lease < kLeaseGood) {
      warn("vmms.ec2SSH.lease: with less than " + durationText(kLeaseGood) +
           " ssh may be refused by instances that are in use: none lets ordinary users in during "
           "its last five minutes");
    }
    if (!ec2.set_up.block_metadata && !ec2.instance_profile.empty()) {
      warn("vmms.ec2SSH.block_metadata: jobs with a network can take the rights of " +
           tomlText(ec2.instance_profile));
    }
  }

  void checkServer() {
    const http::ServerConfig& server = config_.server;
    checkReadable("server.tls_cert", server.tls_cert);
    checkReadable("server.tls_key", server.tls_key);
    checkClosed("server.tls_key", server.tls_key);
    if (server.tls_cert.empty() && !isLoopback(server.host)) {
      warn("server.host: others can reach " + server.host +
           ", and without TLS their keys and files cross the network in the clear");
    }
  }

  void checkKeys(const std::string& path) {
    const bool public_host = !isLoopback(config_.server.host);
    for (std::size_t at = 0; at < config_.keys.size(); ++at) {
      const std::string weakness = weaknessOf(config_.keys[at]);
      if (!weakness.empty()) {
        warn("server.keys: key " + std::to_string(at + 1) + " is weak: " + weakness +
             (public_host ? "; the service refuses to listen on " + config_.server.host + " with it"
                          : ""));
      }
    }
    // Keys in the key file alone leave this one free to be read.
    const base::Result<std::vector<std::string>> filed =
        config_.key_file.empty() ? std::vector<std::string>() : readKeyFile(config_.key_file);
    if (!filed) {
      warn("server.key_file: " + filed.error().message());
    } else if (config_.keys.size() > filed->size()) {
      checkClosed("server.keys", path);
    }
    checkClosed("server.key_file", config_.key_file);
  }

  void checkDefaults() {
    model::Job job;
    job.limits = config_.limits;
    job.machine = config_.machine;
    if (const base::Result<void> allowed = model::checkCaps(job, config_.caps); !allowed) {
      warn("limits: a job that asks for nothing of its own is refused: " +
           allowed.error().message());
    }
    if (config_.machine.network) {
      warn("limits.network: every job gets this machine's network, its loopback services included");
    }
  }

  const std::string& vmmsOf(const Prealloc& wanted) const {
    const auto found = config_.vmms_of_image.find(wanted.image);
    const bool of_image = found != config_.vmms_of_image.end();
    return !wanted.vmms.empty() ? wanted.vmms : of_image ? found->second : config_.default_vmms;
  }

  void checkPreallocs() {
    std::uint64_t sandbox_memory = 0;
    std::uint64_t instances = 0;
    for (const Prealloc& wanted : config_.prealloc) {
      const std::string what = "prealloc of " + tomlText(wanted.image) + ": ";
      model::Job job;
      job.machine = config_.machine;
      const bool given = wanted.memory_bytes != 0;
      job.machine.memory_bytes = given ? wanted.memory_bytes : config_.machine.memory_bytes;
      job.machine.cpu_millis =
          wanted.cpu_millis != 0 ? wanted.cpu_millis : config_.machine.cpu_millis;
      model::LimitCaps machine_caps;
      machine_caps.memory_bytes = config_.caps.memory_bytes;
      machine_caps.cpu_millis = config_.caps.cpu_millis;
      if (const base::Result<void> allowed = model::checkCaps(job, machine_caps); !allowed) {
        warn(what + allowed.error().message());
      }
      if (!wanted.vmms.empty()) {
        checkVmms("prealloc.vmms", wanted.vmms);
      }
      if (config_.pools.pool_vms_max != 0 && wanted.vms > config_.pools.pool_vms_max) {
        warn(what + "pools.vms_max lets a pool have " + std::to_string(config_.pools.pool_vms_max) +
             " VMs");
      }
      if (vmmsOf(wanted) == "sandbox") {
        sandbox_memory += wanted.vms * (job.machine.memory_bytes >> 20);
      }
      instances += vmmsOf(wanted) == "ec2SSH" ? wanted.vms : 0;
    }
    const std::uint64_t most = config_.sandbox.memory_bytes >> 20;
    if (most != 0 && sandbox_memory > most) {
      warn("prealloc: the VMs need " + std::to_string(sandbox_memory) +
           " MiB, and vmms.sandbox.memory is " + sizeText(config_.sandbox.memory_bytes));
    }
    if (instances > config_.ec2_ssh.instances_max) {
      warn("prealloc: " + std::to_string(instances) +
           " instances are wanted, and "
           "vmms.ec2SSH.instances_max is " +
           std::to_string(config_.ec2_ssh.instances_max));
    }
  }

  ServiceConfig config_;
  Schema schema_;
  std::vector<std::string> warnings_;
};

}  // namespace

std::vector<std::string> warningsOf(const ServiceConfig& config, const std::string& path) {
  return Warnings(config).all(path);
}

}  // namespace tango::config
