// What kind of VM a job wants; VMs of one spec are interchangeable, so it is also a pool's key.
#pragma once

#include <cstdint>
#include <string>

#include "model/limits.hpp"

namespace tango::model {

/// An account with a cloud, that a job brings along. A secret: never logged, stored or shown.
struct CloudAccount {
  std::string access_key_id;
  std::string access_key;

  [[nodiscard]] bool isSet() const { return !access_key_id.empty(); }
  friend bool operator==(const CloudAccount&, const CloudAccount&) = default;
};

struct MachineSpec {
  std::string image;
  /// Processor time that it may use, in thousandths of a core (1500: one and a half cores);
  /// 0: all that the host has.
  std::uint64_t cpu_millis = 0;
  std::uint64_t memory_bytes = kGiB;
  std::uint64_t disk_bytes = kGiB;
  std::uint64_t disk_inodes = 100'000;
  /// Disk reads and writes a second, each; 0: no limit.
  std::uint64_t io_bytes_per_second = 0;
  bool network = false;
  CloudAccount account;  ///< such a VM is made for one job, never ahead

  friend bool operator==(const MachineSpec&, const MachineSpec&) = default;
};

}  // namespace tango::model
