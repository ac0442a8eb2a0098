// What `docker save` and the other makers of container images write, once it is unpacked: either
// Docker's manifest.json, or the OCI image layout (oci-layout, index.json, blobs/).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace tango::images {

using base::Result;

struct DockerArchive {
  std::string config;               ///< path of the image's configuration in the archive
  std::vector<std::string> layers;  ///< paths of tarballs in the archive, the lowest first
  std::vector<std::string> environment;
  std::string architecture;
};

/// Reads the archive unpacked in `folder_fd`, whose content is not trusted. Nothing: it is no such
/// archive. kInvalid: it is one, but malformed, or holds none or several images, or layers that are
/// not plain paths; kUnsupported: the image is for another machine or system.
Result<std::optional<DockerArchive>> readDockerArchive(int folder_fd);

/// The content of the small regular file at a path in the archive; an error: there is none.
using ReadMember = std::function<Result<std::string>(const std::string& path)>;

/// The same for an archive that is not unpacked.
Result<std::optional<DockerArchive>> readDockerArchive(const ReadMember& read_member);

}  // namespace tango::images
