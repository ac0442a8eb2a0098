// A request's form, and what is in it for an instance.
#include "vmms/ec2/query.hpp"

#include <doctest/doctest.h>

#include "vmms/ec2/base64.hpp"
#include "vmms/ec2/launch.hpp"

using namespace tango::vmms::ec2;
using tango::model::VmName;

namespace {

Launch launchOf(const std::string& image) {
  Launch launch;
  launch.name = VmName{"tango", 17, image};
  launch.image.ami = "ami-0a0000000000000e2";
  launch.image.root_device = "/dev/sda1";
  launch.image.root_bytes = std::uint64_t{8} << 30;
  launch.group_id = "sg-1";
  launch.key_name = "tango-cs";
  launch.lease_until = 1'795'517'463;
  launch.token_seed = "seed";
  return launch;
}

Ec2Config configOf() {
  Ec2Config config;
  config.owner = "cs";
  return config;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a query is a form with its action, the version, and numbered lists") {
  Query query("DescribeInstances");
  query.filter("tag:tango:owner", {"cs 101"}).filter("instance-state-name", {"pending", "running"});
  CHECK(query.form() ==
        "Action=DescribeInstances&Version=2016-11-15"
        "&Filter.1.Name=tag%3Atango%3Aowner&Filter.1.Value.1=cs%20101"
        "&Filter.2.Name=instance-state-name&Filter.2.Value.1=pending&Filter.2.Value.2=running");
}

TEST_CASE("no value gets out of its parameter, whatever its bytes") {
  Query query("CreateTags");
  query.tags("Tag", {{"a&Action=TerminateInstances", "ü=1\n&b%00+"}});
  CHECK(query.form() ==
        "Action=CreateTags&Version=2016-11-15"
        "&Tag.1.Key=a%26Action%3DTerminateInstances&Tag.1.Value=%C3%BC%3D1%0A%26b%2500%2B");
}

TEST_CASE("an instance is tagged from birth, with its volume") {
  const Query query = launchQuery(launchOf("course"), "t3.small", {}, configOf());
  CHECK(query.value("TagSpecification.1.ResourceType") == "instance");
  CHECK(query.value("TagSpecification.1.Tag.1.Value") == "tango-17-course");
  CHECK(query.value("TagSpecification.1.Tag.2.Key") == "tango:owner");
  CHECK(query.value("TagSpecification.1.Tag.2.Value") == "cs");
  CHECK(query.value("TagSpecification.1.Tag.4.Value") == "17");
  CHECK(query.value("TagSpecification.1.Tag.6.Key") == "tango:lease-until");
  CHECK(query.value("TagSpecification.1.Tag.6.Value") == "2026-11-24T10:51:03Z");
  CHECK(query.value("TagSpecification.2.ResourceType") == "volume");
  CHECK(query.value("TagSpecification.2.Tag.2.Value") == "cs");
}

TEST_CASE("an instance leaves nothing behind, and tells its credentials to itself alone") {
  const Query query = launchQuery(launchOf("course"), "t3.small", {}, configOf());
  CHECK(query.value("MinCount") == "1");
  CHECK(query.value("MaxCount") == "1");
  CHECK(query.value("InstanceInitiatedShutdownBehavior") == "terminate");
  CHECK(query.value("BlockDeviceMapping.1.DeviceName") == "/dev/sda1");
  CHECK(query.value("BlockDeviceMapping.1.Ebs.DeleteOnTermination") == "true");
  CHECK(query.value("BlockDeviceMapping.1.Ebs.VolumeType") == "gp3");
  CHECK(query.value("BlockDeviceMapping.1.Ebs.VolumeSize") == "8");
  CHECK(query.value("MetadataOptions.HttpTokens") == "required");
  CHECK(query.value("MetadataOptions.HttpPutResponseHopLimit") == "1");
  CHECK(query.value("SecurityGroupId.1") == "sg-1");
  CHECK(query.value("InstanceMarketOptions.MarketType").empty());
  CHECK(query.value("UserData").empty());
}

TEST_CASE("the root volume is as large as asked for, but never smaller than the AMI") {
  Ec2Config config = configOf();
  config.root_disk_bytes = (std::uint64_t{20} << 30) + 1;
  CHECK(launchQuery(launchOf("c"), "t3.small", {}, config)
            .value("BlockDeviceMapping.1.Ebs.VolumeSize") == "21");
  config.root_disk_bytes = 1;
  CHECK(launchQuery(launchOf("c"), "t3.small", {}, config)
            .value("BlockDeviceMapping.1.Ebs.VolumeSize") == "8");
  Launch of_an_instance_store = launchOf("c");
  of_an_instance_store.image.root_device = "";
  CHECK_FALSE(has(launchQuery(of_an_instance_store, "t3.small", {}, config).form(), "BlockDevice"));
}

TEST_CASE("a subnet is asked for with a network interface, whose address is public or not") {
  Ec2Config config = configOf();
  const Place place{.zone = "", .subnet = "subnet-7"};
  const Query query = launchQuery(launchOf("c"), "t3.small", place, config);
  CHECK(query.value("NetworkInterface.1.SubnetId") == "subnet-7");
  CHECK(query.value("NetworkInterface.1.AssociatePublicIpAddress") == "true");
  CHECK(query.value("NetworkInterface.1.SecurityGroupId.1") == "sg-1");
  CHECK(query.value("SecurityGroupId.1").empty());
  config.use_private_address = true;
  CHECK(launchQuery(launchOf("c"), "t3.small", place, config)
            .value("NetworkInterface.1.AssociatePublicIpAddress") == "false");
}

TEST_CASE("spot, user data and a profile are there where they are configured") {
  Ec2Config config = configOf();
  config.spot = true;
  config.spot_price_max = "0.02";
  config.instance_profile = "jobs";
  Launch launch = launchOf("c");
  launch.user_data = "#!/bin/sh\n";
  const Query query = launchQuery(launch, "t3.small", {"us-east-1b", ""}, config);
  CHECK(query.value("InstanceMarketOptions.SpotOptions.SpotInstanceType") == "one-time");
  CHECK(query.value("InstanceMarketOptions.SpotOptions.MaxPrice") == "0.02");
  CHECK(query.value("IamInstanceProfile.Name") == "jobs");
  CHECK(query.value("UserData") == "IyEvYmluL3NoCg==");
  CHECK(query.value("Placement.AvailabilityZone") == "us-east-1b");
}

TEST_CASE("a client token is the same for the same attempt, and another one for any other") {
  const Launch launch = launchOf("course");
  const std::string token = clientToken(launch, "t3.small", {"a", ""});
  CHECK(token.size() == 64);
  CHECK(token == clientToken(launch, "t3.small", {"a", ""}));
  CHECK(token != clientToken(launch, "t3.medium", {"a", ""}));
  CHECK(token != clientToken(launch, "t3.small", {"", "a"}));
  CHECK(token != clientToken(launchOf("other"), "t3.small", {"a", ""}));
  Launch of_another_service = launch;
  of_another_service.token_seed = "another";
  CHECK(token != clientToken(of_another_service, "t3.small", {"a", ""}));
}

TEST_CASE("base64 is read as it is written, with line ends, and nothing else is") {
  const std::string every = [] {
    std::string all;
    for (int byte = 0; byte < 256; ++byte) {
      all += static_cast<char>(byte);
    }
    return all;
  }();
  for (std::size_t size = 0; size <= every.size(); ++size) {
    CHECK(fromBase64(base64Of(every.substr(0, size))) == every.substr(0, size));
  }
  CHECK(fromBase64("Zm\r\n9v\n") == "foo");
  for (const char* bad : {"Zm9", "Zm9v=", "Zm=v", "====", "Zm9\x80", "Zm9v Zm", "Z===", "ab-_"}) {
    CHECK_FALSE(fromBase64(bad));
  }
}
