// A stream of files, as the process that writes them into a job's folder gets it from a service, or
// from the reader of a user's folder. Whatever it says, nothing is made outside of the folder.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "autodriver/tree_writer.hpp"
#include "base/assert.hpp"
#include "base/safe_path.hpp"
#include "base/write_all.hpp"
#include "support/temp_folder.hpp"

namespace {

namespace fs = std::filesystem;
using namespace tango;

constexpr autodriver::TreeBounds kBounds{.bytes_max = 1 << 20, .entries_max = 64, .depth_max = 8};

struct Sum {
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
};

// Also makes all folders such that they can be removed.
Sum sumOf(const fs::path& folder) {
  Sum sum;
  for (fs::recursive_directory_iterator at(folder), end; at != end; ++at) {
    struct stat about{};
    TANGO_ASSERT(::lstat(at->path().c_str(), &about) == 0, "what was made can be looked at");
    TANGO_ASSERT((about.st_mode & 07000U) == 0 || S_ISLNK(about.st_mode), "setuid, or the like");
    ++sum.entries;
    if (S_ISREG(about.st_mode)) {
      sum.bytes += static_cast<std::uint64_t>(about.st_size);
    } else if (S_ISDIR(about.st_mode)) {
      ::chmod(at->path().c_str(), 0700);
    } else {
      TANGO_ASSERT(S_ISLNK(about.st_mode), "neither a file nor a folder nor a link");
    }
  }
  return sum;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Two folders deep, so that ".." in a name would be seen.
  const test::TempFolder folder;
  const fs::path target = folder.path() / "a" / "job";
  fs::create_directories(target);
  const base::UniqueFd stream(::memfd_create("stream", MFD_CLOEXEC));
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  TANGO_ASSERT(base::writeAll(stream.get(), bytes).ok(), "a file in memory takes all of it");
  ::lseek(stream.get(), 0, SEEK_SET);
  const auto parent = base::openDirectory(target.c_str());
  TANGO_ASSERT(parent.ok(), "the job's folder is there");
  autodriver::RecordIn in(stream.get());
  static_cast<void>(autodriver::receiveTree(parent->get(), kBounds, in).ok());
  const Sum within = sumOf(target);
  TANGO_ASSERT(within.entries <= kBounds.entries_max && within.bytes <= kBounds.bytes_max,
               "more than its bounds");
  TANGO_ASSERT(sumOf(folder.path()).entries == within.entries + 2, "something lies outside");
  return 0;
}
