#include "config/ec2_config.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "config/warnings.hpp"
#include "support/temp_folder.hpp"
#include "unit/config/config_text.hpp"
#include "vmms/ec2/setup_script.hpp"

namespace tango::config {
namespace {

const std::string kOn = "[vmms.ec2SSH]\nenabled = true\n";

std::string warnings(const std::string& more, const std::string& path = "") {
  std::string all;
  for (const std::string& warning : warningsOf(parsed(kOn + more), path)) {
    all += warning + "\n";
  }
  return all;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("EC2 is off until it is wanted, and then needs nothing but credentials") {
  CHECK_FALSE(parsed("").ec2_ssh.enabled);
  const ServiceConfig config = parsed(kOn);
  CHECK(config.ec2_ssh.enabled);
  CHECK(config.ec2_ssh.user == "ubuntu");
  CHECK(config.ec2_ssh.instances_max == 8);
  CHECK(config.ec2_ssh.set_up.enabled);
  CHECK(warnings("").empty());
}

TEST_CASE("every key of EC2 is read, and shown again as it was but for the secret") {
  const std::string text = R"(
[vmms.ec2SSH]
enabled = true
region = "eu-central-1"
endpoint = "https://ec2.example.org:8443/api"
ca_file = "/etc/tango/ca.pem"
access_key_id = "AKIAIOSFODNN7EXAMPLE"
secret_access_key = "hunter2/hunter2+hunter2"
user = "admin"
port = 2222
ami = "ami-4c99c35b"
type = "t2.micro"
types = ["m6i.large"]
subnets = ["subnet-1", "subnet-2"]
other_images = false
root_disk = "20GiB"
security_group = "autolab-autograde-ec2"
ssh_from = ["192.0.2.0/24", "2001:db8::/32"]
own_address_url = "https://ip.example.org/mine"
use_private_address = true
key_name = "my-key-pair"
key_file = "/path/to/my-key-pair.pem"
console_key_required = true
instance_profile = "jobs"
spot = true
spot_price_max = "0.02"
reservation_id = "r-0123"
instances_max = 3
lease = "1h"
idle_timeout = 0
wait_vm_timeout = "10m"
reattach_timeout = "30s"
set_up = false
packages = ["make", "g++", "python3.12", "libc6-dev"]
block_metadata = false
user_data_file = "/etc/tango/user-data"
[[vmms.ec2SSH.image]]
name = "cs101"
ami = "ami-0abc"
[[vmms.ec2SSH.image]]
name = "cs 102"
type = "m7i-flex.large"
user = "ec2-user"
)";
  const ServiceConfig config = parsed(text);
  const Ec2Ssh& ec2 = config.ec2_ssh;
  CHECK(ec2.secret_access_key == "hunter2/hunter2+hunter2");
  CHECK(ec2.subnets.size() == 2);
  CHECK(ec2.root_disk_bytes == 20 * model::kGiB);
  CHECK(ec2.lease == base::Millis(3'600'000));
  CHECK(ec2.idle_timeout == base::Millis(0));
  CHECK(ec2.set_up.packages.size() == 4);
  REQUIRE(ec2.images.size() == 2);
  CHECK(ec2.images[0].type.empty());
  CHECK(ec2.images[1].user == "ec2-user");
  const std::string shown = showConfig(config);
  CHECK(contains(shown, "secret_access_key = \"***\""));
  CHECK_FALSE(contains(shown, "hunter2"));
  CHECK(showConfig(parsed(shown)) == shown);
}

TEST_CASE("a value that EC2 could not have is named by its key, and not repeated") {
  const std::pair<const char*, const char*> wrong[] = {{"region", "\"US-EAST-1\""},
                                                       {"region", "\"us east\""},
                                                       {"region", "\"-x\""},
                                                       {"endpoint", "\"ec2.example.org\""},
                                                       {"endpoint", "\"ftp://hunter2\""},
                                                       {"endpoint", "\"https://me:hunter2@host\""},
                                                       {"endpoint", "\"https://\""},
                                                       {"endpoint", "\"https://host?hunter2\""},
                                                       {"access_key_id", "\"hunter2\\n\""},
                                                       {"access_key_id", "\"hunter2 \""},
                                                       {"secret_access_key", "7"},
                                                       {"secret_access_key", "\"hunter2\\n\""},
                                                       {"user", "\"\""},
                                                       {"user", "\"-oProxyCommand=hunter2\""},
                                                       {"user", "\"a b\""},
                                                       {"port", "0"},
                                                       {"ami", "\"hunter2\""},
                                                       {"ami", "\"ami-1 2\""},
                                                       {"type", "\"t2micro\""},
                                                       {"types", "[\"t2.micro\", \"hunter2\"]"},
                                                       {"types", "\"t2.micro\""},
                                                       {"zones", "[\"us-east-1A\"]"},
                                                       {"subnets", "[\"hunter2\"]"},
                                                       {"ssh_from", "[\"192.0.2.1\"]"},
                                                       {"ssh_from", "[\"192.0.2.1/24\"]"},
                                                       {"ssh_from", "[\"192.0.2.0/33\"]"},
                                                       {"ssh_from", "[\"::/129\"]"},
                                                       {"ssh_from", "[\"0.0.0.0/+0\"]"},
                                                       {"ssh_from", "[\"10.0.0.0/08\"]"},
                                                       {"ssh_from", "[\"10.0.0.0/\"]"},
                                                       {"ssh_from", "[\"2001:db8::1/32\"]"},
                                                       {"ssh_from", "[\"\"]"},
                                                       {"own_address_url", "\"\""},
                                                       {"key_file", "\"my-key.pem\""},
                                                       {"spot_price_max", "0.02"},
                                                       {"spot_price_max", "\"-1\""},
                                                       {"spot_price_max", "\"1.\""},
                                                       {"reservation_id", "\"1\""},
                                                       {"instances_max", "0"},
                                                       {"lease", "\"30s\""},
                                                       {"packages", "[\"make; hunter2\"]"},
                                                       {"packages", "[\"-y\"]"},
                                                       {"packages", "[\"\"]"},
                                                       {"user_data_file", "\"x\""},
                                                       {"block_metadata", "1"}};
  for (const auto& [key, value] : wrong) {
    CAPTURE(key);
    CAPTURE(value);
    const std::string told = problems(kOn + key + " = " + value + "\n");
    CHECK(told.starts_with("x.toml, line 3: vmms.ec2SSH." + std::string(key) + " is to be "));
    CHECK_FALSE(contains(told, "hunter2"));
  }
  CHECK(contains(problems(kOn + "[[vmms.ec2SSH.image]]\nami = \"ami-1\"\n"), "lacks name"));
  CHECK(contains(problems(kOn + "[[vmms.ec2SSH.image]]\nname = \"x\"\ntype = \"y\"\n"),
                 "vmms.ec2SSH.image.type is to be"));
  CHECK(contains(problems(kOn + "acces_key_id = \"x\"\n"), "did you mean"));
}

TEST_CASE("what no key of EC2 can see alone is a problem, once it is enabled") {
  const std::pair<const char*, const char*> wrong[] = {
      {"access_key_id = \"AKIA\"\n", "secret_access_key go together"},
      {"secret_access_key = \"x\"\n", "secret_access_key go together"},
      {"access_key_id = \"A\"\nsecret_access_key = \"x\"\nprofile = \"p\"\n",
       "vmms.ec2SSH.profile"},
      {"key_name = \"k\"\n", "key_file go together"},
      {"key_file = \"/k\"\n", "key_file go together"},
      {"endpoint = \"http://ec2.example.org\"\n", "vmms.ec2SSH.endpoint is to be https://"},
      {"endpoint = \"http://127.0.0.1.example.org\"\n", "vmms.ec2SSH.endpoint is to be https://"},
      {"zones = [\"us-east-1a\"]\nsubnets = [\"subnet-1\"]\n", "set one of the two"},
      {"spot_price_max = \"1\"\n", "spot_price_max is for spot instances"},
      {"lease = \"5m\"\n", "vmms.ec2SSH.lease is to be above"},
      {"other_images = false\n", "no job could run"},
      {"[[vmms.ec2SSH.image]]\nname = \"a\"\n[[vmms.ec2SSH.image]]\nname = \"a\"\n",
       "two images have the name a"}};
  for (const auto& [text, what] : wrong) {
    CAPTURE(text);
    const std::string told = problems(kOn + text);
    CHECK(told.starts_with("x.toml: vmms.ec2SSH."));
    CHECK(contains(told, what));
    CHECK_FALSE(parsed("[vmms.ec2SSH]\n" + std::string(text)).ec2_ssh.enabled);
  }
}

TEST_CASE("an endpoint without TLS is for this machine, or for who says so") {
  for (const char* url : {"http://127.0.0.1:4566", "http://localhost/x", "http://[::1]:4566"}) {
    CAPTURE(url);
    CHECK(parsed(kOn + "endpoint = \"" + url + "\"\n").ec2_ssh.endpoint == url);
  }
  const std::string open = "endpoint = \"http://ec2.example.org\"\nallow_http = true\n";
  CHECK(contains(warnings(open), "vmms.ec2SSH.endpoint: what is said to it crosses"));
}

TEST_CASE("what is unwise with EC2 is warned of") {
  CHECK(contains(warnings("ssh_from = [\"0.0.0.0/0\"]\n"), "0.0.0.0/0 lets the whole internet"));
  CHECK(contains(warnings("ssh_from = [\"::/0\"]\n"), "::/0 lets the whole internet"));
  CHECK(warnings("ssh_from = [\"192.0.2.0/24\"]\n").empty());
  CHECK(contains(warnings("key_name = \"k\"\nkey_file = \"/nonexistent\"\n"),
                 "vmms.ec2SSH.key_file: /nonexistent: "));
  CHECK(contains(warnings("user_data_file = \"/nonexistent\"\n"), "vmms.ec2SSH.user_data_file"));
  CHECK(contains(warnings("lease = \"10m\"\n"), "vmms.ec2SSH.lease: with less than 15m"));
  CHECK(
      contains(warnings("instance_profile = \"p\"\nblock_metadata = false\n"), "rights of \"p\""));
  CHECK(contains(warnings("[[prealloc]]\nimage = \"x\"\nvms = 9\nvmms = \"ec2SSH\"\n"),
                 "9 instances are wanted, and vmms.ec2SSH.instances_max is 8"));
}

TEST_CASE("a secret in a file that everybody can read is warned of, as keys are") {
  const test::TempFolder folder;
  const std::filesystem::path file = folder.write("tango.toml", "");
  const std::string secret = "access_key_id = \"A\"\nsecret_access_key = \"hunter2\"\n";
  REQUIRE(::chmod(file.c_str(), 0644) == 0);
  const std::string told = warnings(secret, file);
  CHECK(contains(told, "vmms.ec2SSH.secret_access_key: every user of this machine can read"));
  CHECK_FALSE(contains(told, "hunter2"));
  CHECK(warnings("", file).empty());
  REQUIRE(::chmod(file.c_str(), 0640) == 0);
  CHECK(warnings(secret, file).empty());
}

TEST_CASE("a CIDR block is a network, and nothing else") {
  for (const char* good :
       {"0.0.0.0/0", "192.0.2.1/32", "10.0.0.0/8", "::/0", "2001:db8::/32", "2001:db8::1/128"}) {
    CAPTURE(good);
    CHECK(isCidr(good));
  }
  CHECK_FALSE(isCidr(std::string("10.0.0.0\0/8", 11)));
  CHECK(isEverywhere("0.0.0.0/0"));
  CHECK_FALSE(isEverywhere("10.0.0.0/10"));
}

TEST_CASE("the packages of the configuration are those of the script") {
  CHECK(Ec2SetUp().packages == vmms::ec2::SetupPlan().packages);
  CHECK(Ec2SetUp().block_metadata == vmms::ec2::SetupPlan().block_metadata);
  CHECK(Ec2Ssh().lease == vmms::ec2::SetupPlan().lease);
}

}  // namespace
}  // namespace tango::config
