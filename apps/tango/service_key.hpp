// The keys that open the service's wire: given ones are held to a standard, and a service without
// any makes one for itself and keeps it in its data folder.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace tango::app {

struct ServiceKeys {
  std::vector<std::string> keys;  ///< at least one
  std::string made_at;            ///< the file of the own key; "" if keys were given
  bool made = false;              ///< it was made just now
};

/// The file of a service's own key, in its data folder.
inline constexpr const char* kKeyFile = "key";

/// `given` (the command line's or the configuration's) where there are any. Else the one in
/// kKeyFile of `data_folder`, which is made of 32 random bytes, with mode 0600, if it is not there;
/// of services that start at once, all get the same. `data_folder` names the folder in errors,
/// `data_folder_fd` (borrowed) is what is used. kInvalid: a key is ill-formed, or weak while `host`
/// is not loopback; the key file is not ours alone, or has no good key in it. Blocks for a few
/// writes.
base::Result<ServiceKeys> serviceKeys(const std::vector<std::string>& given, int data_folder_fd,
                                      const std::filesystem::path& data_folder,
                                      const std::string& host);

}  // namespace tango::app
