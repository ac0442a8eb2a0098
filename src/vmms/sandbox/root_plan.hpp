// What a sandbox of each image sees as its root.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "sandbox/spec.hpp"

namespace tango::vmms {

/// The name of the built-in image.
inline constexpr const char* kHostImage = "host";

/// The image `host`: the machine's own programs and libraries, and of /etc what programs need, with
/// a passwd and group of its own. Nothing else of the host exists inside. Small files of /etc are
/// copies of what they are now, the rest is bound.
sandbox::RootPlan hostRootPlan(sandbox::JobUser user);

/// An imported root file system: everything in it but what every sandbox has of its own.
base::Result<sandbox::RootPlan> importedRootPlan(const std::filesystem::path& rootfs);

/// A job's environment: what autodriver gives, and over it what the image sets ("NAME=value").
std::vector<std::string> jobEnvironment(const std::vector<std::string>& of_image);

/// Shows the program at `program`, if it is there, as /.tango/bin/tango-student, and ends the job's
/// PATH with that folder.
void offerStudentProgram(sandbox::SlotSpec& spec, const std::filesystem::path& program);

}  // namespace tango::vmms
