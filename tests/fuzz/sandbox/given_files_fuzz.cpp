// The files that a grader gives to its student's command and those that it wants back, as the
// privileged process that serves it handles their paths, with what a command leaves behind between
// them: links and FIFOs. Each step is a byte (its kind), a byte (the length) and a path.
//
// Each input has scratch folders of its own, in a thread with a mount namespace of its own, where
// all else is read-only: to leave the scratch folders is to be told so by the kernel.
#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/assert.hpp"
#include "base/write_all.hpp"
#include "sandbox/parts/mounts.hpp"
#include "sandbox/protocol.hpp"
#include "sandbox/student/given_files.hpp"

namespace {

using namespace tango;
using base::UniqueFd;
using sandbox::JobUser;

constexpr int kSkipped = 77;
constexpr JobUser kStudent{61'000, 61'000};
constexpr std::string_view kContent = "given\n";

// False: this process may not.
bool enterScratch() {
  mount_attr read_only{};
  read_only.attr_set = MOUNT_ATTR_RDONLY;
  return ::unshare(CLONE_NEWNS) == 0 &&
         ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &read_only, sizeof read_only) == 0 &&
         sandbox::mountScratch(1 << 20, 200, kStudent).ok();
}

bool leftScratch(const base::Error& error) {
  return error.message().ends_with(std::strerror(EROFS));
}

void give(const std::string& path) {
  const UniqueFd source(::memfd_create("source", MFD_CLOEXEC));
  TANGO_ASSERT(base::writeAll(source.get(), kContent).ok(), "a file in memory takes all of it");
  ::lseek(source.get(), 0, SEEK_SET);
  const auto placed =
      sandbox::placeGivenFile(sandbox::encode(sandbox::FileHeader{path, true}), source, kStudent);
  TANGO_ASSERT(placed || !leftScratch(placed.error()), "a given file leaves the scratch folders");
  struct stat about{};
  TANGO_ASSERT(!placed || (::lstat(path.c_str(), &about) == 0 && S_ISREG(about.st_mode) &&
                           about.st_uid == kStudent.uid),
               "what was given is not where it was given to");
}

void makeFolder(const std::string& path) {
  const auto made = sandbox::makeGivenFolder(path, kStudent);
  TANGO_ASSERT(made || !leftScratch(made.error()), "a folder leaves the scratch folders");
}

void fetch(const std::string& path) {
  const UniqueFd file = sandbox::openResult(path);
  struct stat about{};
  struct stat scratch{};
  TANGO_ASSERT(!file || (::fstat(file.get(), &about) == 0 && ::stat("/tmp", &scratch) == 0 &&
                         S_ISREG(about.st_mode) && about.st_dev == scratch.st_dev),
               "a result that is none of the command's files");
}

// All is given before the command runs, and taken when it has ended.
class Run {
 public:
  void take(std::uint8_t kind, const std::string& path) {
    switch (kind % 5) {
      case 0:
        return ran_ ? void() : give(path);
      case 1:
        return ran_ ? void() : makeFolder(path);
      case 2:
        return fetch(path);
      case 3:
        ran_ = true;
        static_cast<void>(::symlink(last_.c_str(), path.c_str()) == 0);
        break;
      default:
        ran_ = true;
        static_cast<void>(::mkfifo(path.c_str(), 0600) == 0);
    }
    last_ = path;  // where the next link leads
  }

 private:
  bool ran_ = false;
  std::string last_ = "/etc/passwd";
};

void takeAll(std::string_view input) {
  if (!enterScratch()) {
    std::fputs("skipped: mounting takes the rights of root\n", stderr);
    std::_Exit(kSkipped);
  }
  Run run;
  while (input.size() >= 2) {
    const auto kind = static_cast<std::uint8_t>(input[0]);
    const std::size_t length = static_cast<std::uint8_t>(input[1]);
    const std::string path(input.substr(2, length));
    input.remove_prefix(std::min(input.size(), 2 + length));
    run.take(kind, path);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  std::thread(takeAll, input).join();
  return 0;
}
