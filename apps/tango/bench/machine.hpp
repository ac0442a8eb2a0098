// The machine that was measured on, so that numbers of different ones can be told apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace tango::bench {

/// What cannot be told is "" or 0.
struct Machine {
  std::size_t cores = 0;
  std::string processor;
  std::uint64_t memory_bytes = 0;
  std::string kernel;       ///< "Linux 6.1.0-13-amd64"
  int cgroup_version = 0;   ///< 0: none is mounted
  std::string file_system;  ///< "ext4": where the data folder is; "" for a server of others
};

/// `data_folder`: "" if it is not ours.
[[nodiscard]] Machine thisMachine(const std::filesystem::path& data_folder);

/// The type of the file system that the absolute `path` is on, by the lines of /proc/mounts.
[[nodiscard]] std::string fileSystemOf(const std::filesystem::path& path, std::string_view mounts);

}  // namespace tango::bench
