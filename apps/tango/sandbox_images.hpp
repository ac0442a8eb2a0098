// Where the sandbox VMMS finds its images: the built-in `host`, and those in the data folder.
#pragma once

#include <functional>
#include <string>

#include "base/result.hpp"
#include "vmms/sandbox/sandbox_vmms.hpp"

namespace tango::app {

/// `data_folder` "": the default one. Each image that was found stays held, and so its files stay
/// where they are, for as long as the returned function lives.
std::function<base::Result<vmms::SandboxImage>(const std::string& name)> sandboxImages(
    std::string data_folder);

}  // namespace tango::app
