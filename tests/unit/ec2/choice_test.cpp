// Which AMI, which type of instance, which endpoint.
#include <doctest/doctest.h>

#include "vmms/ec2/account.hpp"
#include "vmms/ec2/endpoint.hpp"
#include "vmms/ec2/instance_types.hpp"
#include "vmms/ec2/lives.hpp"
#include "vmms/ec2/machine_images.hpp"

using namespace tango::vmms::ec2;
using tango::base::ErrorKind;
using tango::model::kGiB;
using tango::model::MachineSpec;

namespace {

InstanceType type(const std::string& name, std::uint64_t cores, std::uint64_t mebibytes) {
  return {name, cores, mebibytes << 20, {ownArchitecture()}};
}

const std::vector<InstanceType> kKnown = {type("t3.micro", 2, 1024),
                                          type("t3.small", 2, 2048),
                                          type("t3.medium", 2, 4096),
                                          type("m7i.xlarge", 4, 16'384),
                                          {"t9.alien", 64, 1ULL << 40, {"riscv64"}}};
const std::vector<std::string> kNames = {"t3.micro", "t3.small",  "t3.medium",
                                         "t9.alien", "t3.absent", "m7i.xlarge"};

MachineSpec spec(std::uint64_t cpu_millis, std::uint64_t memory_bytes) {
  MachineSpec all;
  all.cpu_millis = cpu_millis;
  all.memory_bytes = memory_bytes;
  return all;
}

}  // namespace

TEST_CASE("types that are too small, of another architecture or not there are passed over") {
  using Names = std::vector<std::string>;
  CHECK(typesToTry(kKnown, "", kNames, false, spec(0, kGiB)).value() ==
        Names{"t3.small", "t3.medium", "m7i.xlarge"});
  CHECK(typesToTry(kKnown, "", kNames, false, spec(2'000, 2 * kGiB)).value() ==
        Names{"t3.medium", "m7i.xlarge"});
  CHECK(typesToTry(kKnown, "", kNames, false, spec(2'001, kGiB)).value() == Names{"m7i.xlarge"});
}

TEST_CASE("what no type has room for never will be made") {
  const auto none = typesToTry(kKnown, "", kNames, false, spec(5'000, kGiB));
  REQUIRE_FALSE(none);
  CHECK(none.error().kind() == ErrorKind::kTooLarge);
  CHECK(none.error().message().find("5 cores") != std::string::npos);
  CHECK(typesToTry(kKnown, "", kNames, false, spec(0, UINT64_MAX)).error().kind() ==
        ErrorKind::kTooLarge);
}

TEST_CASE("a type that is named comes first, whatever its size, and alone unless others are too") {
  using Names = std::vector<std::string>;
  CHECK(typesToTry(kKnown, "t3.micro", kNames, false, spec(0, 8 * kGiB)).value() ==
        Names{"t3.micro"});
  CHECK(typesToTry(kKnown, "t3.micro", kNames, true, spec(0, 8 * kGiB)).value() ==
        Names{"t3.micro", "m7i.xlarge"});
  CHECK(typesToTry(kKnown, "t3.absent", kNames, true, spec(0, kGiB)).error().kind() ==
        ErrorKind::kInvalid);
  CHECK(typesToTry(kKnown, "t9.alien", kNames, true, spec(0, kGiB)).error().kind() ==
        ErrorKind::kUnsupported);
}

TEST_CASE("types are read from EC2's answer, and a number that is none counts as nothing") {
  const auto root = parseXml(R"(<r><instanceTypeSet><item><instanceType>t3.small</instanceType>
      <processorInfo><supportedArchitectures><item>i386</item><item>x86_64</item>
      </supportedArchitectures></processorInfo><vCpuInfo><defaultVCpus>2</defaultVCpus></vCpuInfo>
      <memoryInfo><sizeInMiB>2048</sizeInMiB></memoryInfo></item>
      <item><instanceType>odd</instanceType><vCpuInfo><defaultVCpus>-3</defaultVCpus></vCpuInfo>
      <memoryInfo><sizeInMiB>99999999999999999999</sizeInMiB></memoryInfo></item>
      </instanceTypeSet></r>)");
  const auto types = instanceTypesOf(root->items("instanceTypeSet"));
  REQUIRE(types.size() == 2);
  CHECK(types[0].name == "t3.small");
  CHECK(types[0].cores == 2);
  CHECK(types[0].memory_bytes == 2 * kGiB);
  CHECK(types[0].architectures == std::vector<std::string>{"i386", "x86_64"});
  CHECK(types[1].cores == 0);
  CHECK(types[1].memory_bytes == 0);
}

TEST_CASE("an AMI is read with its root device, and refused where our autodriver cannot run") {
  const auto root = parseXml(R"(<r><imagesSet><item><imageId>ami-1</imageId>
      <imageState>available</imageState><architecture>sparc</architecture>
      <rootDeviceType>ebs</rootDeviceType><rootDeviceName>/dev/xvda</rootDeviceName>
      <blockDeviceMapping><item><deviceName>/dev/sdb</deviceName></item>
      <item><deviceName>/dev/xvda</deviceName><ebs><volumeSize>12</volumeSize></ebs></item>
      </blockDeviceMapping></item></imagesSet></r>)");
  auto image = machineImagesOf(root->items("imagesSet")).at(0);
  CHECK(image.root_device == "/dev/xvda");
  CHECK(image.root_bytes == 12 * kGiB);
  CHECK(checkMachineImage(image).error().kind() == ErrorKind::kUnsupported);
  image.architecture = ownArchitecture();
  CHECK(checkMachineImage(image));
  image.available = false;
  CHECK(checkMachineImage(image).error().kind() == ErrorKind::kSystem);
  image.windows = true;
  CHECK(checkMachineImage(image).error().kind() == ErrorKind::kUnsupported);
}

TEST_CASE("an image's name stands for what is configured, for an AMI, or for the defaults") {
  Ec2Config config;
  config.ami = "ami-default";
  config.type = "t3.small";
  config.images["course"] = {"ami-course", "", "admin"};
  config.images["ami-0a0000000000000e2"] = {"", "m7i.large", ""};
  CHECK(amiOf(config, "course") == "ami-course");
  CHECK(typeOf(config, "course") == "t3.small");
  CHECK(userOf(config, "course") == "admin");
  CHECK(amiOf(config, "whatever") == "ami-default");
  CHECK(amiOf(config, "ami-4c99c35b") == "ami-4c99c35b");
  CHECK(amiOf(config, "ami-0a0000000000000e2") == "ami-default");
  CHECK(typeOf(config, "ami-0a0000000000000e2") == "m7i.large");
  CHECK(amiOf(config, "ami-4c99c35b/../x") == "ami-default");
  config.other_images = false;
  CHECK(amiOf(config, "ami-4c99c35b") == "ami-default");
}

TEST_CASE("the endpoint is the configured one, the environment's, or the region's") {
  const std::map<std::string, std::string> environment = {
      {"AWS_ENDPOINT_URL", "http://[::1]:5000"}, {"AWS_ENDPOINT_URL_EC2", "https://ec2.test/x?y"}};
  CHECK(endpointFor("us-east-1", "http://127.0.0.1:8080", environment)->host == "127.0.0.1:8080");
  CHECK(endpointFor("us-east-1", "", environment)->host == "ec2.test");
  CHECK(endpointFor("us-east-1", "", environment)->path == "/x?y");
  CHECK(endpointFor("us-east-1", "", {{"AWS_ENDPOINT_URL", "http://[::1]:5000"}})->host ==
        "[::1]:5000");
  CHECK(endpointFor("eu-west-3", "", {})->url == "https://ec2.eu-west-3.amazonaws.com/");
  CHECK(endpointFor("eu-west-3", "", {})->host == "ec2.eu-west-3.amazonaws.com");
  CHECK(endpointFor("cn-north-1", "", {})->host == "ec2.cn-north-1.amazonaws.com.cn");
}

TEST_CASE("a region or an endpoint that is none is refused by its name") {
  for (const char* bad : {"", "us east", "a/../b", "evil.example.com/", "US-EAST-1", "a@b"}) {
    const auto none = endpointFor(bad, "", {});
    REQUIRE_FALSE(none);
    CHECK(none.error().kind() == ErrorKind::kInvalid);
    CHECK(none.error().message().find("region") != std::string::npos);
  }
  const auto none = endpointFor("us-east-1", "", {{"AWS_ENDPOINT_URL", "ftp://x"}});
  REQUIRE_FALSE(none);
  CHECK(none.error().message().find("AWS_ENDPOINT_URL") != std::string::npos);
}

TEST_CASE("a name has another life behind each instance that was made for it") {
  Lives lives;
  const auto first = lives.of("one");
  lives.made("other");
  CHECK(lives.of("one") == first);
  lives.made("one");
  CHECK(lives.of("one") != first);
}
