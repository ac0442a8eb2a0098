// RunInstances: one instance for one VM.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>

#include "model/vm.hpp"
#include "vmms/ec2/ec2_cloud.hpp"
#include "vmms/ec2/machine_images.hpp"
#include "vmms/ec2/query.hpp"

namespace tango::vmms::ec2 {

/// Where an instance is made: a zone, or a subnet; both "": where EC2 likes.
struct Place {
  std::string zone;
  std::string subnet;
};

/// What is the same for all attempts to make the instance of one VM.
struct Launch {
  model::VmName name;
  MachineImage image;
  std::string group_id;
  std::string key_name;
  std::string user_data;        ///< as it is, not in base64
  std::time_t lease_until = 0;  ///< seconds since 1970
  std::string token_seed;       ///< what makes this service's ClientTokens its own
};

/// EC2 makes one instance for a token, however often it is asked: the same for the same VM, image,
/// type and place. At most 64 characters.
[[nodiscard]] std::string clientToken(const Launch& launch, const std::string& type,
                                      const Place& place);

/// The request. It is tagged from birth, goes with its volume when it is terminated or shuts itself
/// down, and gives credentials of its metadata only to who asks from itself (IMDSv2, one hop).
[[nodiscard]] Query launchQuery(const Launch& launch, const std::string& type, const Place& place,
                                const Ec2Config& config);

}  // namespace tango::vmms::ec2
