// What the configuration says of clouds, in the clouds' own words.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "config/ec2_config.hpp"
#include "config/tashi_config.hpp"
#include "vmms/ec2/ec2_cloud.hpp"
#include "vmms/remote/remote_vmms.hpp"
#include "vmms/tashi/tashi_cloud.hpp"

namespace tango::app {

/// The environment is that of this process; a key pair of our own is kept beneath `data_folder`.
/// kInvalid: the script of the site's own cannot be sent.
base::Result<vmms::ec2::Ec2Config> ec2CloudConfig(const config::Ec2Ssh& section,
                                                  const std::string& owner,
                                                  const std::filesystem::path& data_folder);
/// How what is inside of an instance is reached.
[[nodiscard]] vmms::RemoteConfig ec2MachineConfig(const config::Ec2Ssh& section);

[[nodiscard]] vmms::tashi::TashiConfig tashiCloudConfig(const config::TashiSsh& section,
                                                        const std::string& owner);
[[nodiscard]] vmms::RemoteConfig tashiMachineConfig(const config::TashiSsh& section);

}  // namespace tango::app
