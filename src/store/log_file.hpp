// The write-ahead log as a file.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/result.hpp"

namespace tango::store {

/// Pages in the log from which on they are put into the store's file.
inline constexpr int kCheckpointPages = 2'000;

/// Gives the log of the store in `file` its size, filled with zeros, where it is empty: writing
/// over blocks that a file has costs the disk a third of what making it longer does, and every
/// commit waits for that. SQLite takes a log without a header for an empty one
/// (https://sqlite.org/fileformat2.html#walformat), and writes over it from the beginning. The
/// store is open, in WAL mode, and nobody writes to it meanwhile. A log for which the disk has no
/// room stays empty, and grows.
base::Result<void> layOutLog(const std::filesystem::path& file);

}  // namespace tango::store
