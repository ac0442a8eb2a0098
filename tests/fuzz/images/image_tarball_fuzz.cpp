// A tarball as `tango image import` and `/build` take it: a root file system, or what `docker save`
// wrote. Whatever it says, nothing is written outside of the image's own folder.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include <sys/mman.h>
#include <unistd.h>

#include "base/write_all.hpp"
#include "images/image_store.hpp"
#include "support/temp_folder.hpp"

namespace {

// Two folders deep, so that a path with ".." in it would be seen beside the images.
class Data {
 public:
  Data() { std::filesystem::create_directories(folder_.path() / "a" / "data"); }
  [[nodiscard]] std::string path() const { return folder_.path() / "a" / "data"; }
  [[nodiscard]] bool isOnlyOurs() const {
    return count(folder_.path()) == 1 && count(folder_.path() / "a") == 1;
  }

 private:
  static long count(const std::filesystem::path& folder) {
    return std::distance(std::filesystem::directory_iterator(folder), {});
  }
  tango::test::TempFolder folder_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const Data data;
  const int file = ::memfd_create("tarball", MFD_CLOEXEC);
  const std::string_view content(reinterpret_cast<const char*>(bytes), size);
  if (file < 0 || !tango::base::writeAll(file, content)) {
    std::abort();
  }
  tango::images::ImportOptions options;
  options.replace = true;
  options.limits = {.bytes_max = 1 << 20, .entries_max = 200, .depth_max = 16};
  const tango::images::ImageStore store(data.path());
  const auto image = store.import("fuzzed", "/proc/self/fd/" + std::to_string(file), options);
  ::close(file);
  if (!data.isOnlyOurs()) {
    std::fputs("something was written outside of the data folder\n", stderr);
    std::abort();
  }
  return 0;
}
