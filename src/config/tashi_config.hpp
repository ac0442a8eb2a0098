// What [vmms.tashiSSH] configures.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace tango::config {

/// [vmms.tashiSSH]
struct TashiSsh {
  bool enabled = false;
  std::string host = "localhost";  ///< of the cluster manager
  std::uint16_t port = 9882;
  std::filesystem::path image_folder;
  std::vector<std::string> suspended_images;
  std::uint64_t network = 1;
  std::uint64_t user_id = 42;  ///< the Python Tango's
  std::uint64_t cores = 1;     ///< of a VM whose job may use all that there are
  std::uint64_t system_memory_bytes = 256ULL << 20;

  std::string user = "autolab";
  std::uint16_t ssh_port = 22;
  std::string ssh_key;
  std::string ssh_config;
  bool by_ip = false;  ///< `address` is "ip"; else it is "name"
  std::string domain = ".vmnet";

  std::uint64_t vms_max = 8;
  base::Millis answer_timeout{10'000};
  base::Millis wait_vm_timeout{300'000};
  base::Millis reattach_timeout{120'000};
};

/// What no key of the section can see alone, one sentence each, which begins with the key. None
/// while the section is not enabled.
std::vector<std::string> problemsOf(const TashiSsh& tashi);

}  // namespace tango::config
