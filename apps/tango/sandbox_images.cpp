#include "tango/sandbox_images.hpp"

#include <memory>

#include "async/offload.hpp"
#include "images/data_folder.hpp"
#include "vmms/sandbox/root_plan.hpp"

namespace tango::app {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::UniqueFd;
using vmms::awaitable;
using vmms::SandboxImage;

SandboxImage hostImage() {
  const sandbox::JobUser user;
  return {vmms::hostRootPlan(user), user, vmms::jobEnvironment({}), nullptr};
}

Error withAdvice(const Error& error, const std::string& name) {
  if (error.kind() != ErrorKind::kNotFound) {
    return error;
  }
  return {ErrorKind::kNotFound, "there is no image " + name +
                                    ": `tango image list` shows those there are, and `tango image "
                                    "import " +
                                    name + " DIR|TARBALL` makes it"};
}

Result<SandboxImage> importedImage(const images::ImageStore& store, const std::string& name) {
  Result<UniqueFd> hold = store.hold(name);
  if (!hold) {
    return withAdvice(hold.error(), name);
  }
  const Result<images::ImageInfo> image = store.find(name);
  if (!image) {
    return image.error();
  }
  Result<sandbox::RootPlan> root = vmms::importedRootPlan(image->rootfs);
  if (!root) {
    return root.error();
  }
  return SandboxImage{*std::move(root),
                      {image->uid, image->gid},
                      vmms::jobEnvironment(image->environment),
                      std::make_shared<UniqueFd>(*std::move(hold))};
}

}  // namespace

std::function<Result<SandboxImage>(const std::string& name)> sandboxImages(
    std::string data_folder) {
  return [data_folder = std::move(data_folder)](const std::string& name) {
    if (name == vmms::kHostImage) {
      return Result<SandboxImage>(hostImage());
    }
    const Result<std::string> folder =
        data_folder.empty() ? images::defaultDataFolder() : Result<std::string>(data_folder);
    return folder ? importedImage(images::ImageStore(*folder), name)
                  : Result<SandboxImage>(folder.error());
  };
}

SandboxImages::SandboxImages(std::string data_folder, boost::asio::thread_pool& blocking)
    : store_(std::move(data_folder)), blocking_(blocking) {}

awaitable<Result<std::vector<std::string>>> SandboxImages::getImages() {
  auto list = co_await async::offload(blocking_, [store = store_] { return store.list(); });
  if (!list) {
    co_return list.error();
  }
  std::vector<std::string> names = {std::string(vmms::kHostImage)};
  for (const images::ImageInfo& image : *list) {
    names.push_back(image.name);
  }
  co_return names;
}

awaitable<Result<void>> SandboxImages::findImage(std::string image) {
  if (image == vmms::kHostImage) {
    co_return Result<void>();
  }
  auto found =
      co_await async::offload(blocking_, [store = store_, image] { return store.find(image); });
  co_return found ? Result<void>() : withAdvice(found.error(), image);
}

awaitable<Result<void>> SandboxImages::buildImage(std::string name, std::string path) {
  images::ImportOptions options;
  options.replace = true;
  auto built = co_await async::offload(blocking_, [store = store_, name, path, options] {
    return store.import(name, path, options);
  });
  co_return built ? Result<void>() : Result<void>(built.error());
}

}  // namespace tango::app
