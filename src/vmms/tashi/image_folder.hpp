// The folder with the disks of images: each NAME.img in it is the image NAME. Tashi's hosts have
// the same files as images/NAME.img.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace tango::vmms::tashi {

/// The file of an image: NAME.img, also where a job already says NAME.img. "": no image is called
/// so. Tashi's hosts put names into a command of qemu's, so they are of letters, digits, '.', '_',
/// '+' and '-', and begin with a letter or digit.
[[nodiscard]] std::string fileOfImage(std::string_view image);

/// The images in `folder`, sorted: its regular files, neither links nor what is in its folders.
/// It blocks. kSystem: the folder cannot be read.
base::Result<std::vector<std::string>> imagesIn(const std::filesystem::path& folder);

/// It blocks. kNotFound, with what to do about it: there is no such image; kSystem: that cannot be
/// told.
base::Result<void> findImageIn(const std::filesystem::path& folder, const std::string& image);

}  // namespace tango::vmms::tashi
