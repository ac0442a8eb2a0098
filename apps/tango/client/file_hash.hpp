// The content of a local file, as it is called by its hash.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace tango::client {

struct HashedFile {
  std::string sha256;  ///< lower-case hex
  std::uint64_t bytes = 0;
};

/// Reads the file from its beginning to its end.
base::Result<HashedFile> hashFile(const std::string& path);

}  // namespace tango::client
