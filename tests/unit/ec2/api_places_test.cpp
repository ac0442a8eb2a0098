// Where instances are made, of what, and who may reach them.
#include "unit/ec2/clouds.hpp"

using namespace tango::test;
using tango::base::ErrorKind;

namespace {

boost::json::object only() {
  const auto instances = region().instances();
  REQUIRE(instances.size() == 1);
  return instances[0].as_object();
}

std::string groupsText() {
  return boost::json::serialize(region().say("groups"));
}

}  // namespace

TEST_CASE("a zone without capacity gives way to the next, and a type to the next type") {
  Fresh fresh;
  fresh.config.types = {"t3.small", "m7i.large"};
  fresh.config.zones = {"us-east-1a", "us-east-1b"};
  region().say("capacity", {{"type", "t3.small"}, {"zone", "us-east-1a"}, {"count", 0}});
  REQUIRE(fresh.create(1).ok());
  CHECK(only().at("zone").as_string() == "us-east-1b");
  region().say("capacity", {{"type", "t3.small"}, {"count", 0}});
  region().say("unsupported", {{"type", "m7i.large"}, {"zone", "us-east-1a"}});
  const auto second = fresh.create(2);
  REQUIRE_MESSAGE(second.ok(), (second ? "" : second.error().message()));
  const auto made = region().instances()[1].as_object();
  CHECK(made.at("type").as_string() == "m7i.large");
  CHECK(made.at("zone").as_string() == "us-east-1b");
}

TEST_CASE("no capacity anywhere is told for each type and place, and may pass") {
  Fresh fresh;
  fresh.config.types = {"t3.small", "t3.medium"};
  region().say("capacity", {{"count", 0}});
  const auto none = fresh.create(1);
  REQUIRE_FALSE(none);
  CHECK(none.error().kind() == ErrorKind::kSystem);
  CHECK(has(none.error().message(), "t3.small"));
  CHECK(has(none.error().message(), "t3.medium"));
}

TEST_CASE("a quota that is reached is not tried on every type") {
  Fresh fresh;
  region().say("set", {{"instances_max", 0}});
  const auto none = fresh.create(1);
  REQUIRE_FALSE(none);
  CHECK(none.error().kind() == ErrorKind::kSystem);
  CHECK(has(none.error().message(), "VcpuLimitExceeded"));
  CHECK(region().calls("RunInstances").size() == 1);
}

TEST_CASE("a type is as large as a VM asks for, and what is too large never will be") {
  Fresh fresh;
  auto spec = gibibyte();
  spec.cpu_millis = 4'000;
  REQUIRE(fresh.create(1, spec).ok());
  CHECK(only().at("type").as_string() == "t3.xlarge");
  spec.memory_bytes = std::uint64_t{8} << 40;
  CHECK(fresh.create(2, spec).error().kind() == ErrorKind::kTooLarge);
}

TEST_CASE("a type that the region has not got is the configuration's fault") {
  Fresh fresh;
  fresh.config.type = "t3.enormous";
  const auto none = fresh.create(1);
  REQUIRE_FALSE(none);
  CHECK(none.error().kind() == ErrorKind::kInvalid);
  CHECK(has(none.error().message(), "t3.enormous"));
}

TEST_CASE("the seed's settings make the seed's instance") {
  Fresh fresh;
  fresh.config.ami = "ami-4c99c35b";
  fresh.config.type = "t2.micro";
  fresh.config.root_disk_bytes = std::uint64_t{30} << 30;
  fresh.config.instance_profile = "jobs";
  const auto id = fresh.create(1);
  REQUIRE_MESSAGE(id.ok(), (id ? "" : id.error().message()));
  CHECK(only().at("image").as_string() == "ami-4c99c35b");
  CHECK(only().at("type").as_string() == "t2.micro");
  CHECK(only().at("gibibytes").as_int64() == 30);
  CHECK(only().at("profile").as_string() == "jobs");
}

TEST_CASE("an image's name is an AMI, one of the configuration's, or the default") {
  Fresh fresh;
  fresh.config.images["big"] = {"ami-0a00000000000000c", "m7i.large", ""};
  const auto find = [&fresh](const std::string& image) {
    return runOn(fresh.context, fresh.cloud().findImage(image));
  };
  CHECK(find("big"));
  CHECK(find("whatever"));
  CHECK(find("ami-0a0000000000000d1"));
  CHECK(find("ami-0a0000000000000d1"));
  CHECK(region().calls("DescribeImages").size() == 1);
  CHECK(find("ami-0a00000000000ffff").error().kind() == ErrorKind::kNotFound);
  CHECK(find("ami-0a0000000000000e4").error().kind() == ErrorKind::kUnsupported);  // arm64
  CHECK(runOn(fresh.context, fresh.cloud().getImages()).value() == std::vector<std::string>{"big"});
  CHECK(runOn(fresh.context, fresh.cloud().buildImage("x", "/dev/null")).error().kind() ==
        ErrorKind::kUnsupported);
  auto spec = gibibyte();
  spec.image = "ami-0a0000000000000d1";
  REQUIRE(fresh.create(1, spec).ok());
  CHECK(only().at("image").as_string() == "ami-0a0000000000000d1");
  spec.image = "ami-0a00000000000ffff";
  CHECK(fresh.create(2, spec).error().kind() == ErrorKind::kNotFound);
}

TEST_CASE("where other images are not allowed, their jobs are refused") {
  Fresh fresh;
  fresh.config.images["big"] = {"", "", ""};
  fresh.config.other_images = false;
  CHECK(runOn(fresh.context, fresh.cloud().findImage("big")));
  CHECK(runOn(fresh.context, fresh.cloud().findImage("ami-0a0000000000000d1")).error().kind() ==
        ErrorKind::kNotFound);
  CHECK(fresh.create(1).error().kind() == ErrorKind::kNotFound);
  CHECK(region().calls("RunInstances").empty());
}

TEST_CASE("an image's name that no tag can hold is refused, and sent to nobody") {
  Fresh fresh;
  auto spec = gibibyte();
  for (const std::string& image : {std::string(300, 'x'), std::string("\xff\xfe")}) {
    spec.image = image;
    CHECK(fresh.create(1, spec).error().kind() == ErrorKind::kInvalid);
    CHECK(runOn(fresh.context, fresh.cloud().findImage(image)).error().kind() ==
          ErrorKind::kInvalid);
  }
  spec.image = "a&Action=TerminateInstances#\"<b>;ü";
  REQUIRE(fresh.create(2, spec).ok());
  const auto listed = fresh.list();
  REQUIRE(listed.size() == 1);
  CHECK(listed[0].name.image == spec.image);
}

TEST_CASE("ssh is let in from where it was asked for, and nobody else") {
  Fresh fresh;
  fresh.config.ssh_from = {"192.0.2.77/24", "2001:db8::/32"};
  fresh.config.security_group = "graders";
  fresh.config.ssh_port = 2222;
  REQUIRE(fresh.create(1).ok());
  CHECK(has(groupsText(), "[\"tcp\",2222,2222,\"192.0.2.0/24\",\"\"]"));
  CHECK(has(groupsText(), "2001:db8::/32"));
  // The next service finds it as it is.
  fresh.restart();
  const std::string before = groupsText();
  REQUIRE(fresh.create(2).ok());
  CHECK(groupsText() == before);
}

TEST_CASE("a group of ours follows our address, one of somebody else's is left as it is") {
  Fresh fresh;
  REQUIRE(fresh.create(1).ok());
  region().say("set", {{"client_address", "198.51.100.7"}});
  fresh.restart();
  REQUIRE(fresh.create(2).ok());
  CHECK(has(groupsText(), "127.0.0.1/32"));
  CHECK(has(groupsText(), "198.51.100.7/32"));
  fresh.restart();
  fresh.config.security_group = "default";
  REQUIRE(fresh.create(3).ok());
  CHECK(region().calls("AuthorizeSecurityGroupIngress").size() == 2);
}

TEST_CASE("a group that does not exist by its id is the configuration's fault") {
  Fresh fresh;
  fresh.config.security_group = "sg-0123456789abcdef0";
  const auto none = fresh.create(1);
  REQUIRE_FALSE(none);
  CHECK(none.error().kind() == ErrorKind::kInvalid);
  CHECK(has(none.error().message(), "sg-0123456789abcdef0"));
}

TEST_CASE("with private addresses ssh is let in from the VPC") {
  Fresh fresh;
  fresh.config.use_private_address = true;
  fresh.config.checkip_url = "http://127.0.0.1:1/";
  const auto id = fresh.create(1);
  REQUIRE_MESSAGE(id.ok(), (id ? "" : id.error().message()));
  CHECK(has(groupsText(), "172.31.0.0/16"));
}

TEST_CASE("a page that tells no address leaves jobs waiting, not the group open") {
  Fresh fresh;
  fresh.config.checkip_url = region().told("control") + "/nothing";
  const auto none = fresh.create(1);
  REQUIRE_FALSE(none);
  CHECK(none.error().kind() == ErrorKind::kSystem);
  CHECK(has(none.error().message(), "ssh_from"));
  CHECK(region().calls("CreateSecurityGroup").empty());
}

TEST_CASE("a group that somebody else made is used without a look at where we come from") {
  Fresh fresh;
  fresh.config.checkip_url = region().told("control") + "/nothing";
  fresh.config.security_group = "default";
  const auto id = fresh.create(1);
  REQUIRE_MESSAGE(id.ok(), (id ? "" : id.error().message()));
  CHECK(region().calls("AuthorizeSecurityGroupIngress").empty());
}

TEST_CASE("subnets that are not there are the configuration's fault") {
  Fresh fresh;
  fresh.config.subnets = {"subnet-0123456789abcdef0"};
  const auto none = fresh.create(1);
  REQUIRE_FALSE(none);
  CHECK(none.error().kind() == ErrorKind::kInvalid);
}

TEST_CASE("a key pair of our name with another key is replaced by ours") {
  Fresh fresh;
  REQUIRE(fresh.create(1).ok());
  const std::string before = boost::json::serialize(region().say("key_pairs"));
  fresh.restart();
  REQUIRE(fresh.create(2).ok());
  CHECK(boost::json::serialize(region().say("key_pairs")) == before);
  fresh.restart();
  std::filesystem::remove(fresh.folder.path() / "keys" / "tango-cs");
  REQUIRE(fresh.create(3).ok());
  CHECK(boost::json::serialize(region().say("key_pairs")) != before);
  CHECK(region().calls("DeleteKeyPair").size() == 1);
}

TEST_CASE("a key pair that is named must be there, with its file") {
  Fresh fresh;
  fresh.config.key_name = "my-key-pair";
  CHECK(fresh.create(1).error().kind() == ErrorKind::kInvalid);
  fresh.restart();
  fresh.config.key_file = fresh.folder.path() / "my-key-pair.pem";
  const auto none = fresh.create(1);
  REQUIRE_FALSE(none);
  CHECK(none.error().kind() == ErrorKind::kInvalid);
  CHECK(has(none.error().message(), "my-key-pair"));
  CHECK(region().calls("ImportKeyPair").empty());
}
