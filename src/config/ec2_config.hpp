// What [vmms.ec2SSH] configures.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace tango::config {

/// [[vmms.ec2SSH.image]]; what is "" is the section's.
struct Ec2Image {
  std::string name;  ///< as jobs name it
  std::string ami;
  std::string type;
  std::string user;
};

/// How an instance is made ready at its first boot.
struct Ec2SetUp {
  bool enabled = true;  ///< our script is sent (vmms/ec2/setup_script.hpp), or `file`
  std::vector<std::string> packages = {"make", "gcc", "libc6-dev"};
  bool block_metadata = true;
  std::string file;  ///< user data of the site's own, in the place of our script; "": none
};

/// [vmms.ec2SSH]. What a string's "" stands for is in packaging/tango.toml.
struct Ec2Ssh {
  bool enabled = false;
  std::string region;
  std::string endpoint;
  bool allow_http = false;  ///< `endpoint` may be one without TLS
  std::string ca_file;

  std::string access_key_id;
  std::string secret_access_key;  ///< never shown
  std::string profile;

  std::string user = "ubuntu";
  std::uint16_t port = 22;
  std::string ami;
  std::string ami_owner = "099720109477";  ///< Canonical
  std::string ami_name = "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*";
  std::string type;
  std::vector<std::string> types;
  std::vector<std::string> zones;
  std::vector<std::string> subnets;
  std::vector<Ec2Image> images;
  bool other_images = true;  ///< an image that is not in `images` stands for the section's own AMI
  std::uint64_t root_disk_bytes = 0;

  std::string security_group;
  std::vector<std::string> ssh_from;
  std::string own_address_url = "https://checkip.amazonaws.com/";
  bool use_private_address = false;
  std::string key_name;
  std::filesystem::path key_file;
  std::filesystem::path key_folder;
  bool console_key_required = false;
  std::string instance_profile;

  bool spot = false;
  std::string spot_price_max;
  std::string reservation_id;
  std::uint64_t instances_max = 8;
  base::Millis lease{1'800'000};
  /// Also a preallocated instance ends that had no job for so long; zero: it stays. An hour is
  /// longer than the pauses of a lab that is in use, and bounds what a forgotten one costs.
  base::Millis idle_timeout{3'600'000};
  base::Millis wait_vm_timeout{300'000};
  base::Millis reattach_timeout{120'000};
  Ec2SetUp set_up;
};

/// Whether `text` is CIDR: an IPv4 or IPv6 network, and the bits behind the prefix are zero.
[[nodiscard]] bool isCidr(const std::string& text);
/// Whether `text` is a CIDR block that has every address in it.
[[nodiscard]] bool isEverywhere(std::string_view cidr);

/// What no key of the section can see alone, one sentence each, which begins with the key. None
/// while the section is not enabled.
std::vector<std::string> problemsOf(const Ec2Ssh& ec2);

}  // namespace tango::config
