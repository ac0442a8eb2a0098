// Fills a root file system: from a tarball, or from a layer of a container image.
#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "images/root_writer.hpp"

namespace tango::images {

/// Writes every entry of the tarball `file`. Devices, FIFOs and sockets are left out. kInvalid: it
/// is no tarball, ends too early, or an entry's path or link is refused; kTooLarge: see
/// ImageLimits.
Result<void> unpackTarball(UniqueFd file, RootWriter& writer);

/// Lays a layer over what is there. Its whiteouts (`.wh.NAME`, `.wh..wh..opq`) hide what the layers
/// below have, never what the same layer brings, so they are carried out first, in a pass of their
/// own. `file` is a regular file. Errors as above.
Result<void> unpackLayer(const UniqueFd& file, RootWriter& writer);

}  // namespace tango::images
