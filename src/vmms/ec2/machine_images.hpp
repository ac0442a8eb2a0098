// AMIs: what instances start from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vmms/ec2/api.hpp"

namespace tango::vmms::ec2 {

struct MachineImage {
  std::string ami;
  std::string name;
  std::string architecture;  ///< "x86_64", "arm64"
  std::string created;       ///< ISO 8601, so that text sorts by time
  std::string root_device;   ///< "/dev/sda1"; "": its root is no volume
  std::uint64_t root_bytes = 0;
  bool available = false;
  bool windows = false;
};

/// The items of a DescribeImages answer.
[[nodiscard]] std::vector<MachineImage> machineImagesOf(const std::vector<Element>& items);

/// EC2's name of the architecture that this program, and so its autodriver, is built for.
[[nodiscard]] std::string ownArchitecture();

/// Ok: an instance of it can run our autodriver. kUnsupported, kSystem (it is not available yet).
[[nodiscard]] Result<void> checkMachineImage(const MachineImage& image);

/// The one with that id. kNotFound: there is none that we may use; and as checkMachineImage.
awaitable<Result<MachineImage>> findMachineImage(Api& api, std::string ami, Patience patience);

/// The newest that `owner` (an account's number, or "amazon") has under a name like `name`, which
/// may have '*' in it, for our architecture. kNotFound.
awaitable<Result<MachineImage>> newestMachineImage(Api& api, std::string owner, std::string name,
                                                   Patience patience);

}  // namespace tango::vmms::ec2
