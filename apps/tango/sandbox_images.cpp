#include "tango/sandbox_images.hpp"

#include <map>
#include <memory>

#include "images/data_folder.hpp"
#include "images/image_store.hpp"
#include "vmms/sandbox/root_plan.hpp"

namespace tango::app {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::UniqueFd;
using vmms::SandboxImage;

// By image; shared, since a std::function must be copyable.
using Held = std::map<std::string, UniqueFd>;

SandboxImage hostImage() {
  const sandbox::JobUser user;
  return {vmms::hostRootPlan(user), user, vmms::jobEnvironment({})};
}

Result<SandboxImage> importedImage(const images::ImageStore& store, const std::string& name,
                                   Held& held) {
  Result<UniqueFd> hold = store.hold(name);
  if (!hold && hold.error().kind() == ErrorKind::kNotFound) {
    return Error(ErrorKind::kNotFound,
                 "there is no image " + name +
                     ": `tango image list` shows those there are, and `tango image import " + name +
                     " DIR|TARBALL` makes it");
  }
  if (!hold) {
    return hold.error();
  }
  const Result<images::ImageInfo> image = store.find(name);
  if (!image) {
    return image.error();
  }
  Result<sandbox::RootPlan> root = vmms::importedRootPlan(image->rootfs);
  if (!root) {
    return root.error();
  }
  held[name] = *std::move(hold);
  return SandboxImage{
      *std::move(root), {image->uid, image->gid}, vmms::jobEnvironment(image->environment)};
}

}  // namespace

std::function<Result<SandboxImage>(const std::string& name)> sandboxImages(
    std::string data_folder) {
  const auto held = std::make_shared<Held>();
  return [data_folder = std::move(data_folder), held](const std::string& name) {
    if (name == vmms::kHostImage) {
      return Result<SandboxImage>(hostImage());
    }
    const Result<std::string> folder =
        data_folder.empty() ? images::defaultDataFolder() : Result<std::string>(data_folder);
    return folder ? importedImage(images::ImageStore(*folder), name, *held)
                  : Result<SandboxImage>(folder.error());
  };
}

}  // namespace tango::app
