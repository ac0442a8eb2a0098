// Who may reach an instance, by which key, and how it is recognised.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/temp_folder.hpp"
#include "vmms/ec2/host_keys.hpp"
#include "vmms/ec2/key_pair.hpp"
#include "vmms/ec2/network.hpp"
#include "vmms/ec2/ssh_key.hpp"

using namespace tango::vmms::ec2;
using tango::base::ErrorKind;
using tango::test::TempFolder;
using Keys = std::vector<std::string>;

namespace {

std::vector<IngressRule> rulesOf(const std::string& permissions) {
  const auto root = parseXml("<r><ipPermissions>" + permissions + "</ipPermissions></r>");
  return ingressRulesOf(*root);
}

constexpr const char* kAllOpen =
    "<item><ipProtocol>-1</ipProtocol><ipRanges><item><cidrIp>0.0.0.0/0</cidrIp></item></ipRanges>"
    "</item>";
constexpr const char* kSshFromOne =
    "<item><ipProtocol>tcp</ipProtocol><fromPort>22</fromPort><toPort>22</toPort>"
    "<ipRanges><item><cidrIp>192.0.2.7/32</cidrIp></item></ipRanges></item>";

}  // namespace

TEST_CASE("a group that lets everybody in everywhere is recognised") {
  CHECK(opensEverything(rulesOf(kAllOpen)));
  CHECK(opensEverything(rulesOf(
      "<item><ipProtocol>tcp</ipProtocol><fromPort>0</fromPort><toPort>65535</toPort><ipv6Ranges>"
      "<item><cidrIpv6>::/0</cidrIpv6></item></ipv6Ranges></item>")));
  CHECK_FALSE(opensEverything(rulesOf(kSshFromOne)));
  CHECK_FALSE(opensEverything(rulesOf("")));
  CHECK_FALSE(opensEverything(rulesOf(
      "<item><ipProtocol>-1</ipProtocol><groups><item><groupId>sg-1</groupId></item></groups>"
      "</item>")));
}

TEST_CASE("what a group of ours lacks is what is added to it") {
  GroupPlan plan;
  plan.ssh_from = {"192.0.2.7/32", "198.51.100.0/24"};
  CHECK(missingBlocks(rulesOf(kSshFromOne), plan) == Keys{"198.51.100.0/24"});
  CHECK(missingBlocks(rulesOf(kAllOpen), plan).empty());
  plan.ssh_port = 2222;
  CHECK(missingBlocks(rulesOf(kSshFromOne), plan).size() == 2);
}

TEST_CASE("our address is what a page says, and nothing but an address") {
  CHECK(addressBlock("203.0.113.9\n").value() == "203.0.113.9/32");
  CHECK(addressBlock(" 2001:db8::9 ").value() == "2001:db8::9/128");
  for (const char* bad : {"", "\n", "<html>", "203.0.113.9/0", "0.0.0.0", "::", "1.2.3.4 5.6.7.8",
                          "fe80::1%eth0", "localhost"}) {
    CAPTURE(bad);
    CHECK_FALSE(addressBlock(bad));
  }
}

TEST_CASE("a network is written as EC2 keeps it, or refused by its name") {
  CHECK(networkBlock("192.0.2.77/24").value() == "192.0.2.0/24");
  CHECK(networkBlock("2001:db8::9/32").value() == "2001:db8::/32");
  for (const char* bad : {"", "192.0.2.7", "192.0.2.7/33", "everybody", "/8", "192.0.2.7/24 x"}) {
    CAPTURE(bad);
    CHECK(networkBlock(bad).error().kind() == ErrorKind::kInvalid);
  }
}

TEST_CASE("host keys are what stands between cloud-init's lines, whatever else is on the console") {
  const std::string console =
      "[    0.000000] Linux version\r\nssh-ed25519 AAAAnotthis\n"
      "-----BEGIN SSH HOST KEY KEYS-----\nssh-ed25519 AAAAold root@a\n"
      "-----END SSH HOST KEY KEYS-----\n"
      "[   17.1] cloud-init[512]: -----BEGIN SSH HOST KEY KEYS-----\r\n"
      "[   17.1] cloud-init[512]: ecdsa-sha2-nistp256 AAAAE2Vj/+= root@ip-10-0-0-1\r\n"
      "ssh-ed25519 AAAAC3Nz root@ip-10-0-0-1\r\nnot a key\r\nssh-dss AAAAB3 root\r\n"
      "-----END SSH HOST KEY KEYS-----\r\nUbuntu login: ";
  CHECK(hostKeysIn(console) == Keys{"ecdsa-sha2-nistp256 AAAAE2Vj/+=", "ssh-ed25519 AAAAC3Nz"});
}

TEST_CASE("a console without both lines has no keys, and one without end few") {
  CHECK(hostKeysIn("").empty());
  CHECK(hostKeysIn("-----BEGIN SSH HOST KEY KEYS-----\nssh-ed25519 AAAA\n").empty());
  CHECK(hostKeysIn("-----END SSH HOST KEY KEYS-----").empty());
  CHECK(hostKeysIn("-----END SSH HOST KEY KEYS-----\n-----BEGIN SSH HOST KEY KEYS-----\n").empty());
  std::string many = "-----BEGIN SSH HOST KEY KEYS-----\n";
  for (int at = 0; at < 1000; ++at) {
    many += "ssh-ed25519 AAAA\nssh-rsa \n";
  }
  CHECK(hostKeysIn(many + "-----END SSH HOST KEY KEYS-----").size() == 16);
}

TEST_CASE("a key is made once, for nobody else to read, and its public part is known") {
  const TempFolder folder;
  const auto file = folder.path() / "keys" / "tango-cs";
  const auto first = ownPublicKey(file);
  REQUIRE(first);
  CHECK(first->starts_with("ssh-ed25519 AAAA"));
  struct stat seen{};
  REQUIRE(::stat(file.c_str(), &seen) == 0);
  CHECK((seen.st_mode & 0777) == 0600);
  REQUIRE(::stat(file.parent_path().c_str(), &seen) == 0);
  CHECK((seen.st_mode & 0777) == 0700);
  CHECK(ownPublicKey(file).value() == *first);
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& each :
       std::filesystem::directory_iterator(file.parent_path())) {
    ++files;
  }
  CHECK(files == 1);
}

TEST_CASE("a key that is none, or that others can read, is refused without its content") {
  const TempFolder folder;
  const auto text = folder.write("text", "SECRET words\n");
  ::chmod(text.c_str(), 0600);
  const auto none = publicKeyOf(text);
  REQUIRE_FALSE(none);
  CHECK(none.error().message().find("SECRET") == std::string::npos);
  CHECK_FALSE(publicKeyOf(folder.path() / "missing"));
  CHECK_FALSE(publicKeyOf(folder.path()));
  REQUIRE(ownPublicKey(folder.path() / "open"));
  ::chmod((folder.path() / "open").c_str(), 0644);
  CHECK_FALSE(publicKeyOf(folder.path() / "open"));
}

TEST_CASE("EC2's key pair is compared by its key, or by its fingerprint") {
  const std::string key =
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
  const auto item = [](const std::string& inner) {
    return parseXml("<item>" + inner + "</item>").value();
  };
  CHECK(isSameKey(item("<publicKey>" + key + " tango-cs</publicKey>"), key));
  CHECK_FALSE(isSameKey(item("<publicKey>ssh-ed25519 AAAA</publicKey>"), key));
  const std::string fingerprint = fingerprintOf(key);
  // As ssh-keygen -l has it.
  CHECK(fingerprint == "ZkAslGjFiUHdGf/WUL8rQvkib4PTvQatUV0OUQSncCA");
  CHECK(isSameKey(item("<keyFingerprint>" + fingerprint + "=</keyFingerprint>"), key));
  CHECK_FALSE(isSameKey(item("<keyFingerprint>1f:51:ae:28</keyFingerprint>"), key));
  CHECK_FALSE(isSameKey(item(""), key));
  CHECK(fingerprintOf("ssh-rsa AAAA").empty());
  CHECK(fingerprintOf("ssh-ed25519 not base64").empty());
}
