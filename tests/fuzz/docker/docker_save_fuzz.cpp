// A tarball as `/build` takes it for Docker's hosts. What is made of it is an archive of one image
// without a name, of which the same is made again.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <sys/mman.h>
#include <unistd.h>

#include "base/write_all.hpp"
#include "vmms/docker/saved_image.hpp"

namespace docker = tango::vmms::docker;

namespace {

std::string nameOf(int fd) {
  return "/proc/self/fd/" + std::to_string(fd);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const tango::base::UniqueFd file(::memfd_create("tarball", MFD_CLOEXEC));
  const std::string_view content(reinterpret_cast<const char*>(bytes), size);
  if (!file || !tango::base::writeAll(file.get(), content)) {
    std::abort();
  }
  constexpr docker::SavedImageLimits kLimits{.bytes_max = 1 << 20, .members_max = 200};
  const auto image = docker::readSavedImage(nameOf(file.get()), kLimits);
  if (!image) {
    return 0;
  }
  // Its own heads may bring it over the bound.
  const auto again = docker::readSavedImage(
      nameOf(image->tarball.get()), {.bytes_max = 2 * kLimits.bytes_max, .members_max = 200});
  if (!again || again->id != image->id || again->bytes != image->bytes ||
      image->bytes > kLimits.bytes_max) {
    std::abort();
  }
  return 0;
}
