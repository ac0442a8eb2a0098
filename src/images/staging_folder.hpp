// Where an image is built before it gets its name, and where one goes that is being removed. A
// folder DATA/images/.importing-XXXXXX or .removed-XXXXXX is somebody's for as long as they hold a
// lock (flock) on it; one without is what a killed process left behind. The lock is on the folder,
// so it stays through every renaming, and the kernel drops it when its holder dies.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace tango::images {

using base::Result;
using base::UniqueFd;

/// Removes the folders that nobody holds: what died, and what was replaced while it was in use.
Result<void> sweepStaging(int images_fd);

/// Takes the image folder `name` out of sight and removes it; one that is in use is left to a later
/// sweep. kNotFound: there is none.
Result<void> discardImage(int images_fd, const std::string& name);

class StagingFolder {
 public:
  /// Sweeps, then makes an empty folder. `images_fd` is borrowed for the object's life.
  static Result<StagingFolder> make(int images_fd);

  StagingFolder(StagingFolder&&) = default;
  StagingFolder& operator=(StagingFolder&&) = delete;
  StagingFolder(const StagingFolder&) = delete;
  StagingFolder& operator=(const StagingFolder&) = delete;
  /// Removes the folder, unless it was published.
  ~StagingFolder();

  [[nodiscard]] int fd() const { return folder_.get(); }

  /// Waits until everything is on the disk, then renames the folder to `name`. kExists: there is
  /// one of that name, and it is not to be replaced.
  Result<void> publish(const std::string& name, bool replace);

 private:
  StagingFolder(int images_fd, std::string name, UniqueFd folder)
      : images_fd_(images_fd), name_(std::move(name)), folder_(std::move(folder)) {}

  int images_fd_;
  std::string name_;
  UniqueFd folder_;  ///< with the lock; none once moved from or published
};

}  // namespace tango::images
