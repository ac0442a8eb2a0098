// One import, from its source to its place among the images.
#pragma once

#include <string>

#include "base/result.hpp"
#include "images/image_info.hpp"
#include "images/image_store.hpp"

namespace tango::images {

/// What ImageStore::import does once the folder of images is open. `rootfs` of the answer is empty.
Result<ImageInfo> importInto(int images_fd, const std::string& name, const std::string& source,
                             const ImportOptions& options);

}  // namespace tango::images
