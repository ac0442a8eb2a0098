#include "vmms/ec2/machine_images.hpp"

#include <algorithm>
#include <charconv>

namespace tango::vmms::ec2 {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::uint64_t kGib = std::uint64_t{1} << 30;
constexpr std::uint64_t kVolumeGibMax = 65'536;

std::uint64_t gibsOf(const std::string& text) {
  std::uint64_t gibs = 0;
  std::from_chars(text.data(), text.data() + text.size(), gibs);
  return std::min(gibs, kVolumeGibMax);
}

MachineImage machineImageOf(const Element& item) {
  MachineImage image;
  image.ami = item.at("imageId");
  image.name = item.at("name");
  image.architecture = item.at("architecture");
  image.created = item.at("creationDate");
  image.available = item.at("imageState") == "available";
  image.windows = item.at("platform") == "windows";
  if (item.at("rootDeviceType") == "ebs") {
    image.root_device = item.at("rootDeviceName");
  }
  for (const Element& each : item.items("blockDeviceMapping")) {
    if (each.at("deviceName") == image.root_device) {
      image.root_bytes = gibsOf(each.at("ebs/volumeSize")) * kGib;
    }
  }
  return image;
}

}  // namespace

std::vector<MachineImage> machineImagesOf(const std::vector<Element>& items) {
  std::vector<MachineImage> images;
  std::transform(items.begin(), items.end(), std::back_inserter(images), machineImageOf);
  return images;
}

std::string ownArchitecture() {
#if defined(__aarch64__)
  return "arm64";
#else
  return "x86_64";
#endif
}

Result<void> checkMachineImage(const MachineImage& image) {
  if (image.windows) {
    return Error(ErrorKind::kUnsupported, "the AMI " + image.ami + " has Windows: jobs need Linux");
  }
  if (image.architecture != ownArchitecture()) {
    return Error(ErrorKind::kUnsupported, "the AMI " + image.ami + " is for " + image.architecture +
                                              ", our autodriver for " + ownArchitecture());
  }
  if (!image.available) {
    return Error(ErrorKind::kSystem, "the AMI " + image.ami + " is not available");
  }
  return {};
}

awaitable<Result<MachineImage>> findMachineImage(Api& api, std::string ami, Patience patience) {
  Query query("DescribeImages");
  query.list("ImageId", {ami});
  const Reply reply = co_await api.call(std::move(query), patience);
  if (!reply.ok()) {
    co_return reply.error();
  }
  const std::vector<MachineImage> images = machineImagesOf(reply.content->items("imagesSet"));
  const auto found = std::find_if(images.begin(), images.end(),
                                  [&ami](const MachineImage& each) { return each.ami == ami; });
  if (found == images.end()) {
    co_return Error(ErrorKind::kNotFound, "there is no AMI " + ami + " that we may use");
  }
  const Result<void> checked = checkMachineImage(*found);
  if (!checked) {
    co_return checked.error();
  }
  co_return *found;
}

awaitable<Result<MachineImage>> newestMachineImage(Api& api, std::string owner, std::string name,
                                                   Patience patience) {
  Query query("DescribeImages");
  query.list("Owner", {owner})
      .filter("name", {name})
      .filter("architecture", {ownArchitecture()})
      .filter("state", {"available"})
      .filter("root-device-type", {"ebs"})
      .filter("virtualization-type", {"hvm"});
  const Reply reply = co_await api.call(std::move(query), patience);
  if (!reply.ok()) {
    co_return reply.error();
  }
  const std::vector<MachineImage> images = machineImagesOf(reply.content->items("imagesSet"));
  const MachineImage* newest = nullptr;
  for (const MachineImage& each : images) {
    if (checkMachineImage(each).ok() && (newest == nullptr || each.created > newest->created)) {
      newest = &each;
    }
  }
  if (newest == nullptr) {
    co_return Error(ErrorKind::kNotFound, "the account " + owner + " has no AMI for " +
                                              ownArchitecture() + " with a name like " + name);
  }
  co_return *newest;
}

}  // namespace tango::vmms::ec2
