// What `docker save` and its like write, made into what a host may be given.
//
// Engines take from such an archive whatever it says: its tags move on the host (an archive tagged
// `ubuntu:22.04` would become the host's `ubuntu:22.04`), and several images are several. And an
// archive can be written so that two readers see two things in it. So none is passed on: one image
// is read out of it, and a new archive is written, with that image alone and without a name.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace tango::vmms::docker {

using base::Result;

struct SavedImageLimits {
  std::uint64_t bytes_max = std::uint64_t{64}
                            << 30;      ///< of the image, holes and all, unpacked once
  std::uint64_t members_max = 100'000;  ///< of the archive
};

struct SavedImage {
  base::UniqueFd tarball;  ///< of no name in any folder
  std::uint64_t bytes = 0;
  std::string id;  ///< "sha256:...", as an engine names it that keeps images as Docker always did
};

/// Reads the archive at `path`, also a compressed one, and writes the new one beside it, or where
/// temporary files are if it cannot be written there. Blocks, for as long as copying an image
/// takes. kInvalid: it is no archive of exactly one image, or is malformed; kUnsupported: the image
/// is for another machine or system; kTooLarge: over `limits`, or no room.
Result<SavedImage> readSavedImage(const std::string& path, const SavedImageLimits& limits = {});

}  // namespace tango::vmms::docker
