// Amazon EC2 as a cloud of machines for jobs: the Query API of 2016-11-15, signed, over our own
// HTTP client.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include "aws/credentials.hpp"
#include "base/clock.hpp"
#include "vmms/registry.hpp"
#include "vmms/remote/cloud.hpp"

namespace tango::vmms::ec2 {

/// What a job's image name stands for.
struct Ec2Image {
  std::string ami;   ///< "ami-..."; "": Ec2Config::ami
  std::string type;  ///< of the instance; "": Ec2Config::type
  std::string user;  ///< that ssh comes as; "": Ec2Config::user
};

struct Ec2Config {
  /// Whose instances they are: a word that no other service has (the tag tango:owner).
  std::string owner;
  std::string region;    ///< "": the one of CredentialChain::region
  std::string endpoint;  ///< URL; "": AWS_ENDPOINT_URL_EC2, AWS_ENDPOINT_URL, or the region's own
  std::string ca_file;   ///< PEM, trusted beside the system's; "": none
  aws::CredentialSources credentials;

  std::string user = "ubuntu";  ///< that ssh comes as (EC2_USER_NAME)
  std::uint16_t ssh_port = 22;
  /// DEFAULT_AMI. "": the newest stock AMI that `ami_owner` calls `ami_name` (DescribeImages).
  std::string ami;
  std::string ami_owner = "099720109477";  ///< Canonical
  std::string ami_name = "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*";
  /// DEFAULT_INST_TYPE. "": the first of `types` with as many cores and as much memory as a VM asks
  /// for (DescribeInstanceTypes).
  std::string type;
  /// In the order in which they are tried; those that are too small for a VM are passed over, and a
  /// type without capacity gives way to the next.
  std::vector<std::string> types;
  std::vector<std::string> zones;    ///< tried in order; empty: EC2 chooses
  std::vector<std::string> subnets;  ///< the same, for a VPC that is not the default; empty: EC2's
  std::map<std::string, Ec2Image> images;
  bool other_images = true;  ///< image names that are not in `images` stand for the defaults
  std::uint64_t root_disk_bytes = 0;  ///< 0: the AMI's own

  /// DEFAULT_SECURITY_GROUP, by name or "sg-..."; it is made if there is none: ssh from `ssh_from`
  /// and nothing else. "": "tango-OWNER".
  std::string security_group;
  /// CIDR blocks from which ssh is let in, where the group is made; empty: the address by which
  /// this service reaches AWS alone.
  std::vector<std::string> ssh_from;
  /// Answers a GET with the address that it comes from; asked where `ssh_from` is empty.
  std::string checkip_url = "https://checkip.amazonaws.com/";
  std::string key_name;  ///< SECURITY_KEY_NAME; "": a key pair of our own, made and imported
  std::filesystem::path key_file;  ///< SECURITY_KEY_PATH
  std::filesystem::path
      key_folder;  ///< where our own key is kept (0700): DYNAMIC_SECURITY_KEY_PATH

  bool use_private_address = false;  ///< ssh to the address in the VPC, not the public one
  bool spot = false;
  std::string spot_price_max;    ///< dollars an hour; "": the on-demand price
  std::string reservation_id;    ///< TANGO_RESERVATION_ID: its instances are never touched
  std::string instance_profile;  ///< name of an IAM profile for jobs' instances; "": none
  std::uint64_t instances_max = 8;
  base::Millis lease{1'800'000};
  std::string user_data;  ///< what cloud-init runs at the first boot; "": nothing

  /// How long one answer of EC2's is awaited, and how long a request is tried again in all.
  base::Millis answer_max{20'000};
  base::Millis call_max{60'000};
};

/// The instances of one service, by its tag. Jobs that bring an account of their own
/// (MachineSpec::account) have theirs made and listed there.
class Ec2Cloud : public remote::Cloud, public Images {
 public:
  /// `blocking` (borrowed) is for files.
  static std::unique_ptr<Ec2Cloud> make(boost::asio::any_io_executor executor,
                                        boost::asio::thread_pool& blocking, Ec2Config config);

  /// Finds out early what would fail later: credentials, region, types, key, security group. What
  /// could not be told for want of an answer is tried again by itself. Errors as Cloud has them.
  virtual boost::asio::awaitable<base::Result<void>> start() = 0;
};

}  // namespace tango::vmms::ec2
