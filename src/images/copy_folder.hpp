// Fills a root file system with a copy of a folder.
#pragma once

#include <cstdint>

#include "base/result.hpp"
#include "images/root_writer.hpp"

namespace tango::images {

/// Copies what is in the folder `source_fd`, holes and hard links included; devices, FIFOs and
/// sockets are left out. So are other file systems mounted in it (a chroot's /proc), and the folder
/// `except_fd`, where the copy is being made. Errors name the path within.
Result<void> copyFolder(int source_fd, int except_fd, RootWriter& writer, std::uint64_t depth_max);

}  // namespace tango::images
