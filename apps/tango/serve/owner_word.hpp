// The word by which a service knows what is its own on machines that others use too.
#pragma once

#include <string>

#include "base/result.hpp"

namespace tango::app {

/// What the file `owner` of the data folder (locked by the caller) holds; made once, of random
/// digits, so that no two services have the same. kInvalid: something else stands in the file.
base::Result<std::string> ownerWord(int data_folder_fd);

}  // namespace tango::app
