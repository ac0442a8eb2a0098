#include "tango/serve/cloud_configs.hpp"

#include <cstdlib>
#include <fstream>
#include <map>
#include <utility>

#include "vmms/beside_program.hpp"
#include "vmms/ec2/setup_script.hpp"

namespace tango::app {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::size_t kUserDataMax = 16 * 1024;

std::map<std::string, std::string> awsEnvironment() {
  std::map<std::string, std::string> found;
  for (const char* name :
       {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE",
        "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE", "AWS_EC2_METADATA_DISABLED",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_REGION", "AWS_DEFAULT_REGION", "BOTO_CONFIG",
        "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_EC2", "HOME"}) {
    if (const char* const value = std::getenv(name); value != nullptr) {
      found.emplace(name, value);
    }
  }
  return found;
}

Result<std::string> siteScript(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string script(kUserDataMax + 1, '\0');
  file.read(script.data(), static_cast<std::streamsize>(script.size()));
  script.resize(static_cast<std::size_t>(file.gcount()));
  if (!file.eof() || script.empty()) {
    return Error(ErrorKind::kInvalid, "vmms.ec2SSH.set_up.file: " + path +
                                          (script.size() > kUserDataMax
                                               ? " is larger than 16 KiB, EC2's bound on user data"
                                               : " cannot be read, or is empty"));
  }
  return script;
}

Result<std::string> userData(const config::Ec2Ssh& section) {
  const config::Ec2SetUp& set_up = section.set_up;
  if (!set_up.enabled) {
    return std::string();
  }
  if (!set_up.file.empty()) {
    return siteScript(set_up.file);
  }
  vmms::ec2::SetupPlan plan;
  plan.lease = section.lease;
  plan.packages = set_up.packages;
  plan.block_metadata = set_up.block_metadata;
  return vmms::ec2::setupScript(plan);
}

}  // namespace

Result<vmms::ec2::Ec2Config> ec2CloudConfig(const config::Ec2Ssh& section, const std::string& owner,
                                            const std::filesystem::path& data_folder) {
  Result<std::string> user_data = userData(section);
  if (!user_data) {
    return user_data.error();
  }
  vmms::ec2::Ec2Config ec2;
  ec2.owner = owner;
  ec2.region = section.region;
  ec2.endpoint = section.endpoint;
  ec2.ca_file = section.ca_file;
  ec2.credentials = {section.access_key_id, section.secret_access_key, section.profile,
                     awsEnvironment()};
  ec2.user = section.user;
  ec2.ssh_port = section.port;
  ec2.ami = section.ami;
  ec2.ami_owner = section.ami_owner;
  ec2.ami_name = section.ami_name;
  ec2.type = section.type;
  ec2.types = section.types;
  ec2.zones = section.zones;
  ec2.subnets = section.subnets;
  for (const config::Ec2Image& image : section.images) {
    ec2.images[image.name] = {image.ami, image.type, image.user};
  }
  ec2.other_images = section.other_images;
  ec2.root_disk_bytes = section.root_disk_bytes;
  ec2.security_group = section.security_group;
  ec2.ssh_from = section.ssh_from;
  ec2.checkip_url = section.own_address_url;
  ec2.key_name = section.key_name;
  ec2.key_file = section.key_file;
  ec2.key_folder = section.key_folder.empty() ? data_folder / "ec2" : section.key_folder;
  ec2.use_private_address = section.use_private_address;
  ec2.spot = section.spot;
  ec2.spot_price_max = section.spot_price_max;
  ec2.reservation_id = section.reservation_id;
  ec2.instance_profile = section.instance_profile;
  ec2.instances_max = section.instances_max;
  ec2.lease = section.lease;
  ec2.user_data = *std::move(user_data);
  return ec2;
}

vmms::RemoteConfig ec2MachineConfig(const config::Ec2Ssh& section) {
  vmms::RemoteConfig remote;
  remote.autodriver = vmms::besideProgram("autodriver");
  remote.job_uid = vmms::ec2::kJobUid;
  remote.lease = section.lease;
  remote.shuts_down = true;
  remote.reattach_max = section.reattach_timeout;
  remote.console_key_required = section.console_key_required;
  const bool our_script = section.set_up.enabled && section.set_up.file.empty();
  remote.set_up_file = our_script ? vmms::ec2::kSetUpFile : "";
  return remote;
}

vmms::tashi::TashiConfig tashiCloudConfig(const config::TashiSsh& section,
                                          const std::string& owner) {
  vmms::tashi::TashiConfig tashi;
  tashi.owner = owner;
  tashi.host = section.host;
  tashi.port = section.port;
  tashi.image_folder = section.image_folder;
  tashi.suspended_images = {section.suspended_images.begin(), section.suspended_images.end()};
  tashi.network = static_cast<std::int64_t>(section.network);
  tashi.user_id = static_cast<std::int64_t>(section.user_id);
  tashi.cores = section.cores;
  tashi.system_memory_bytes = section.system_memory_bytes;
  tashi.user = section.user;
  tashi.ssh_port = section.ssh_port;
  tashi.key_file = section.ssh_key;
  tashi.ssh_config_file = section.ssh_config;
  tashi.by_ip = section.by_ip;
  tashi.domain = section.domain;
  tashi.answer_max = section.answer_timeout;
  return tashi;
}

vmms::RemoteConfig tashiMachineConfig(const config::TashiSsh& section) {
  vmms::RemoteConfig remote;
  remote.autodriver = vmms::besideProgram("autodriver");
  remote.job_uid = vmms::ec2::kJobUid;
  remote.reattach_max = section.reattach_timeout;
  return remote;
}

}  // namespace tango::app
