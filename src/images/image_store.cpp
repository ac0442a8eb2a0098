#include "images/image_store.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/folder.hpp"
#include "base/safe_path.hpp"
#include "images/data_folder.hpp"
#include "images/image_import.hpp"
#include "images/image_name.hpp"
#include "images/small_file.hpp"
#include "images/staging_folder.hpp"

namespace tango::images {
namespace {

using base::Error;
using base::ErrorKind;
using base::systemError;

std::string quoted(std::string_view name) {
  return "image '" + std::string(name) + "'";
}

Error notFound(std::string_view name) {
  return {ErrorKind::kNotFound, "there is no " + quoted(name)};
}

bool sameFolder(int folder_fd, int parent_fd, const std::string& name) {
  struct stat held{};
  struct stat named{};
  return ::fstat(folder_fd, &held) == 0 &&
         ::fstatat(parent_fd, name.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
         held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

}  // namespace

Result<UniqueFd> ImageStore::openImages() const {
  return base::openDirectory((data_folder_ + "/images").c_str());
}

Result<ImageInfo> ImageStore::read(int images_fd, const std::string& folder) const {
  const Result<UniqueFd> image =
      base::openNoLinks(images_fd, folder.c_str(), O_RDONLY | O_DIRECTORY);
  if (!image) {
    return image.error();
  }
  const Result<std::string> text = readSmallFile(image->get(), "image.json");
  if (!text) {
    return Error(ErrorKind::kInvalid, text.error().message());
  }
  Result<ImageInfo> info = imageInfoFromJson(*text);
  if (info) {
    info->rootfs = data_folder_ + "/images/" + folder + "/rootfs";
  }
  return info;
}

Result<std::vector<ImageInfo>> ImageStore::list() const {
  std::vector<ImageInfo> images;
  const Result<UniqueFd> folder = openImages();
  if (!folder) {
    return folder.error().kind() == ErrorKind::kNotFound ? Result(std::move(images))
                                                         : folder.error().during("list images");
  }
  const Result<std::vector<std::string>> names = base::namesIn(folder->get());
  if (!names) {
    return names.error().during("list images");
  }
  for (const std::string& encoded : *names) {
    const std::optional<std::string> name = decodeImageName(encoded);
    if (encoded.starts_with('.') || !name) {
      continue;
    }
    Result<ImageInfo> info = read(folder->get(), encoded);
    if (!info && info.error().kind() == ErrorKind::kNotFound) {
      continue;  // removed since its name was read
    }
    if (!info) {
      ImageInfo broken;
      broken.warnings = {"It cannot be used: " + info.error().message() + "."};
      info = std::move(broken);
    }
    info->name = *name;
    images.push_back(std::move(*info));
  }
  std::sort(images.begin(), images.end(),
            [](const ImageInfo& a, const ImageInfo& b) { return a.name < b.name; });
  return images;
}

Result<ImageInfo> ImageStore::find(std::string_view name) const {
  const Result<void> good = checkImageName(name);
  if (!good) {
    return good.error();
  }
  const Result<UniqueFd> folder = openImages();
  Result<ImageInfo> info =
      folder ? read(folder->get(), encodeImageName(name)) : Result<ImageInfo>(folder.error());
  if (!info) {
    return info.error().kind() == ErrorKind::kNotFound ? notFound(name)
                                                       : info.error().during(quoted(name));
  }
  return info;
}

Result<ImageInfo> ImageStore::import(std::string_view name, const std::string& source,
                                     const ImportOptions& options) const {
  const Result<void> good = checkImageName(name);
  if (!good) {
    return good.error();
  }
  const Result<UniqueFd> data = openDataFolder(data_folder_);
  if (!data) {
    return data.error().during("data folder");
  }
  const Result<UniqueFd> images = openOrMakeFolder(data->get(), "images");
  if (!images) {
    return images.error().during("data folder");
  }
  const std::string folder = encodeImageName(name);
  const Error taken(ErrorKind::kExists, "there is an " + quoted(name) + " already");
  if (!options.replace && base::openNoLinks(images->get(), folder.c_str(), O_PATH)) {
    return taken;  // before the work is done, and again by publish
  }
  Result<ImageInfo> info = importInto(images->get(), std::string(name), source, options);
  if (!info) {
    return info.error().kind() == ErrorKind::kExists ? taken : info.error().during(source);
  }
  info->rootfs = data_folder_ + "/images/" + folder + "/rootfs";
  return info;
}

Result<void> ImageStore::remove(std::string_view name) const {
  const Result<void> good = checkImageName(name);
  if (!good) {
    return good;
  }
  const Result<UniqueFd> images = openImages();
  const Result<void> removed =
      images ? discardImage(images->get(), encodeImageName(name)) : Result<void>(images.error());
  if (!removed) {
    return removed.error().kind() == ErrorKind::kNotFound ? notFound(name)
                                                          : removed.error().during(quoted(name));
  }
  return sweepStaging(images->get());
}

Result<UniqueFd> ImageStore::hold(std::string_view name) const {
  const Result<void> good = checkImageName(name);
  if (!good) {
    return good.error();
  }
  const Result<UniqueFd> images = openImages();
  const std::string folder = encodeImageName(name);
  while (images) {
    Result<UniqueFd> image =
        base::openNoLinks(images->get(), folder.c_str(), O_RDONLY | O_DIRECTORY);
    if (!image) {
      return image.error().kind() == ErrorKind::kNotFound ? notFound(name) : image.error();
    }
    // Waits only for a removal or replacement that is under way, and then looks again.
    if (::flock(image->get(), LOCK_SH) != 0 && errno != EINTR) {
      return systemError(errno, "hold " + quoted(name));
    }
    if (sameFolder(image->get(), images->get(), folder)) {
      return image;
    }
  }
  return notFound(name);
}

}  // namespace tango::images
