// A folder for one run of the benchmark, gone with it.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace tango::bench {

class TemporaryFolder {
 public:
  /// In $TMPDIR, else in /var/tmp: a service's data is on a disk, so its benchmark is not in
  /// memory.
  static base::Result<TemporaryFolder> make();
  TemporaryFolder(TemporaryFolder&&) = default;
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  TemporaryFolder(base::UniqueFd parent, std::filesystem::path path)
      : parent_(std::move(parent)), path_(std::move(path)) {}

  base::UniqueFd parent_;
  std::filesystem::path path_;
};

}  // namespace tango::bench
