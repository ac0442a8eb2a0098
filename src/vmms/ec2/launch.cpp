#include "vmms/ec2/launch.hpp"

#include <algorithm>

#include "base/hex.hpp"
#include "base/sha256.hpp"
#include "vmms/ec2/base64.hpp"
#include "vmms/ec2/tags.hpp"

namespace tango::vmms::ec2 {
namespace {

constexpr std::uint64_t kGib = std::uint64_t{1} << 30;

void addPlace(Query& query, const Launch& launch, const Place& place, bool public_address) {
  if (place.subnet.empty()) {
    query.list("SecurityGroupId", {launch.group_id});
    if (!place.zone.empty()) {
      query.set("Placement.AvailabilityZone", place.zone);
    }
    return;
  }
  // Whether it gets a public address is else the subnet's to say.
  query.set("NetworkInterface.1.DeviceIndex", "0")
      .set("NetworkInterface.1.SubnetId", place.subnet)
      .set("NetworkInterface.1.AssociatePublicIpAddress", public_address ? "true" : "false")
      .set("NetworkInterface.1.DeleteOnTermination", "true")
      .list("NetworkInterface.1.SecurityGroupId", {launch.group_id});
}

void addRootVolume(Query& query, const MachineImage& image, std::uint64_t root_bytes) {
  if (image.root_device.empty()) {
    return;
  }
  query.set("BlockDeviceMapping.1.DeviceName", image.root_device)
      .set("BlockDeviceMapping.1.Ebs.DeleteOnTermination", "true")
      .set("BlockDeviceMapping.1.Ebs.VolumeType", "gp3");
  const std::uint64_t bytes = std::max(root_bytes, image.root_bytes);
  if (bytes > 0) {
    query.set("BlockDeviceMapping.1.Ebs.VolumeSize", std::to_string((bytes + kGib - 1) / kGib));
  }
}

void addSpot(Query& query, const std::string& price_max) {
  query.set("InstanceMarketOptions.MarketType", "spot")
      .set("InstanceMarketOptions.SpotOptions.SpotInstanceType", "one-time")
      .set("InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior", "terminate");
  if (!price_max.empty()) {
    query.set("InstanceMarketOptions.SpotOptions.MaxPrice", price_max);
  }
}

}  // namespace

std::string clientToken(const Launch& launch, const std::string& type, const Place& place) {
  std::string all;
  for (const std::string& part :
       {launch.token_seed, launch.name.prefix, std::to_string(launch.name.id), launch.name.image,
        launch.image.ami, type, place.zone, place.subnet}) {
    all += part;
    all += '\0';
  }
  return base::hexOf(base::sha256Of(all));
}

Query launchQuery(const Launch& launch, const std::string& type, const Place& place,
                  const Ec2Config& config) {
  Query query("RunInstances");
  query.set("ImageId", launch.image.ami)
      .set("InstanceType", type)
      .set("MinCount", "1")
      .set("MaxCount", "1")
      .set("ClientToken", clientToken(launch, type, place))
      .set("KeyName", launch.key_name)
      .set("InstanceInitiatedShutdownBehavior", "terminate")
      .set("MetadataOptions.HttpTokens", "required")
      .set("MetadataOptions.HttpPutResponseHopLimit", "1");
  addPlace(query, launch, place, !config.use_private_address);
  addRootVolume(query, launch.image, config.root_disk_bytes);
  if (!launch.user_data.empty()) {
    query.set("UserData", base64Of(launch.user_data));
  }
  if (!config.instance_profile.empty()) {
    query.set("IamInstanceProfile.Name", config.instance_profile);
  }
  if (config.spot) {
    addSpot(query, config.spot_price_max);
  }
  const Tags tags = tagsOf(config.owner, launch.name, launch.lease_until);
  query.tagsAtBirth("instance", tags).tagsAtBirth("volume", tags);
  return query;
}

}  // namespace tango::vmms::ec2
