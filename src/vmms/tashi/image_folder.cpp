#include "vmms/tashi/image_folder.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/folder.hpp"
#include "base/safe_path.hpp"

namespace tango::vmms::tashi {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::string_view kSuffix = ".img";

constexpr bool isLetterOrDigit(char each) {
  return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') ||
         (each >= '0' && each <= '9');
}

Result<base::UniqueFd> openFolder(const std::filesystem::path& folder) {
  Result<base::UniqueFd> fd = base::openDirectory(folder.c_str());
  if (!fd) {
    return Error(ErrorKind::kSystem,
                 "the folder of images cannot be read: " + fd.error().message());
  }
  return fd;
}

bool isRegularFile(int folder_fd, const std::string& name) {
  struct stat status{};
  return ::fstatat(folder_fd, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISREG(status.st_mode);
}

}  // namespace

std::string fileOfImage(std::string_view image) {
  if (image.ends_with(kSuffix)) {
    image.remove_suffix(kSuffix.size());
  }
  const std::string file = std::string(image) + std::string(kSuffix);
  const bool fits = !image.empty() && file.size() <= base::kNameBytesMax &&
                    isLetterOrDigit(image.front()) &&
                    std::all_of(image.begin(), image.end(), [](char each) {
                      return isLetterOrDigit(each) ||
                             std::string_view("._+-").find(each) != std::string_view::npos;
                    });
  return fits ? file : "";
}

Result<std::vector<std::string>> imagesIn(const std::filesystem::path& folder) {
  const Result<base::UniqueFd> fd = openFolder(folder);
  const Result<std::vector<std::string>> names =
      fd ? base::namesIn(fd->get()) : Result<std::vector<std::string>>(fd.error());
  if (!names) {
    return names.error();
  }
  std::vector<std::string> images;
  for (const std::string& name : *names) {
    if (name.ends_with(kSuffix) && fileOfImage(name) == name && isRegularFile(fd->get(), name)) {
      images.push_back(name.substr(0, name.size() - kSuffix.size()));
    }
  }
  std::sort(images.begin(), images.end());
  return images;
}

Result<void> findImageIn(const std::filesystem::path& folder, const std::string& image) {
  const std::string file = fileOfImage(image);
  if (file.empty()) {
    return Error(ErrorKind::kNotFound,
                 "no image of Tashi can be called so: the names of its images are of letters, "
                 "digits, '.', '_', '+' and '-'");
  }
  const Result<base::UniqueFd> fd = openFolder(folder);
  if (!fd) {
    return fd.error();
  }
  if (!isRegularFile(fd->get(), file)) {
    return Error(ErrorKind::kNotFound,
                 "there is no image " + image + ": " + (folder / file).string() + " is not there");
  }
  return {};
}

}  // namespace tango::vmms::tashi
