// [vmms.localDocker], [vmms.distDocker] and [[vmms.distDocker.host]].
#include "config/sections/sections.hpp"

namespace tango::config {
namespace {

constexpr std::uint64_t kVmsMax = 1'000'000;
constexpr std::uint64_t kPortMax = 65'535;
// Beats are some seconds apart, and one may be late.
constexpr base::Millis kLeaseMin = 60 * kSecond;

void append(std::vector<Field>& fields, std::vector<Field> more) {
  fields.insert(fields.end(), std::make_move_iterator(more.begin()),
                std::make_move_iterator(more.end()));
}

// Not quoted where it is wrong: somebody may have put a password into it.
Field address(std::string key, std::string& into) {
  Field field = text(std::move(key), into);
  field.read = [&into](const Node& node) -> std::string {
    const auto* const value = node.as<std::string>();
    if (value == nullptr || !vmms::docker::parseEngineAddress(*value)) {
      return "where a Docker engine is reached: \"unix:///PATH\", \"ssh://[USER@]HOST[:PORT]\" or "
             "\"tcp://HOST[:PORT]\"";
    }
    into = *value;
    return "";
  };
  return field;
}

std::vector<Field> tlsFields(DockerTls& tls) {
  return {path("tls_ca", tls.ca_file), path("tls_cert", tls.cert_file),
          path("tls_key", tls.key_file)};
}

std::vector<Field> boundFields(DockerBounds& bounds) {
  return {cores("cpus", bounds.cpu_millis, ZeroCores::kAllowed),
          size("memory", bounds.memory_bytes, 0), whole("vms_max", bounds.vms_max, 0, kVmsMax)};
}

std::vector<Field> containerFields(DockerContainers& containers) {
  return {flag("allow_unenforced", containers.allow_unenforced),
          duration("lease", containers.lease, kLeaseMin, kDay)};
}

std::vector<Field> hostFields(DockerHost& host) {
  std::vector<Field> fields{required(address("address", host.address)), text("name", host.name)};
  append(fields, boundFields(host.bounds));
  fields.push_back(names("labels", host.labels));
  return fields;
}

}  // namespace

void addLocalDocker(Schema& schema, ServiceConfig& config) {
  LocalDocker& docker = config.local_docker;
  std::vector<Field> fields{flag("enabled", docker.enabled), address("address", docker.address)};
  append(fields, tlsFields(docker.tls));
  append(fields, boundFields(docker.bounds));
  append(fields, containerFields(docker.containers));
  schema.sections.push_back({"vmms.localDocker", std::move(fields)});
  schema.backends.push_back({"localDocker", &docker.enabled});
}

void addDistDocker(Schema& schema, ServiceConfig& config) {
  DistDocker& docker = config.dist_docker;
  std::vector<Field> fields{flag("enabled", docker.enabled),
                            text("dns_name", docker.dns_name),
                            text("user", docker.user),
                            whole("port", docker.port, 0, kPortMax),
                            path("ssh_config", docker.ssh_config),
                            path("ssh_key", docker.ssh_key)};
  append(fields, tlsFields(docker.tls));
  append(fields, boundFields(docker.bounds));
  append(fields, containerFields(docker.containers));
  schema.sections.push_back({"vmms.distDocker", std::move(fields)});
  schema.lists.push_back(listOf<DockerHost>("vmms.distDocker.host", docker.hosts, &hostFields));
  schema.backends.push_back({"distDocker", &docker.enabled});
}

}  // namespace tango::config
