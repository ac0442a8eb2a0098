#include "images/image_import.hpp"

#include <cerrno>
#include <ctime>
#include <optional>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/clock.hpp"
#include "base/folder.hpp"
#include "base/safe_path.hpp"
#include "images/copy_folder.hpp"
#include "images/docker_archive.hpp"
#include "images/guest_root.hpp"
#include "images/image_name.hpp"
#include "images/small_file.hpp"
#include "images/staging_folder.hpp"
#include "images/unpack.hpp"

namespace tango::images {
namespace {

using base::Error;
using base::ErrorKind;
using base::systemError;

constexpr const char* kRoot = "rootfs";
constexpr const char* kParts = "parts";

class Import {
 public:
  Import(StagingFolder& staging, const ImportOptions& options)
      : staging_(staging), options_(options) {}

  /// Fills the staging folder with rootfs/, and `info_` with what it learned.
  Result<void> run(int images_fd, const std::string& source) {
    Result<void> done = makeRoot();
    if (done) {
      done = unpackSource(images_fd, source);
    }
    if (done) {
      done = unpackParts();
    }
    if (done) {
      done = checkRoot();
    }
    if (done) {
      done = prepare();
    }
    return done;
  }

  [[nodiscard]] ImageInfo& info() { return info_; }

 private:
  Result<void> makeRoot();
  Result<void> unpackSource(int images_fd, const std::string& source);
  Result<void> unpackParts();
  [[nodiscard]] Result<void> checkRoot() const;
  Result<void> prepare();

  StagingFolder& staging_;
  const ImportOptions& options_;
  std::optional<RootWriter> writer_;
  ImageInfo info_;
};

Result<void> Import::makeRoot() {
  if (::mkdirat(staging_.fd(), kRoot, 0755) != 0) {
    return systemError(errno, "make the root folder");
  }
  Result<UniqueFd> root = base::openNoLinks(staging_.fd(), kRoot, O_RDONLY | O_DIRECTORY);
  if (!root) {
    return root.error();
  }
  writer_.emplace(std::move(*root), options_.limits, options_.progress);
  return {};
}

Result<void> Import::unpackSource(int images_fd, const std::string& source) {
  UniqueFd opened(::open(source.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  struct stat facts{};
  if (!opened || ::fstat(opened.get(), &facts) != 0) {
    return systemError(errno, "open");
  }
  if (S_ISDIR(facts.st_mode)) {
    info_.source = "directory";
    return copyFolder(opened.get(), images_fd, *writer_, options_.limits.depth_max);
  }
  info_.source = "tarball";
  if (!S_ISREG(facts.st_mode) && !S_ISFIFO(facts.st_mode)) {
    return Error(ErrorKind::kInvalid, "it is neither a folder nor a tarball");
  }
  return unpackTarball(std::move(opened), *writer_);
}

// Whether it is a root file system or a container image shows in what was unpacked: a pipe can be
// read only once.
Result<void> Import::unpackParts() {
  info_.architecture = hostArchitecture();
  const Result<std::optional<DockerArchive>> archive = readDockerArchive(writer_->rootFd());
  if (!archive || !*archive) {
    return archive ? Result<void>() : archive.error();
  }
  info_.source = "docker";
  info_.environment = (*archive)->environment;
  const UniqueFd parts(::openat(staging_.fd(), kRoot, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!parts || ::renameat(staging_.fd(), kRoot, staging_.fd(), kParts) != 0) {
    return systemError(errno, "put the layers aside");
  }
  const Result<void> made = makeRoot();
  if (!made) {
    return made;
  }
  for (const std::string& path : (*archive)->layers) {
    const Result<UniqueFd> layer =
        base::openInRoot(parts.get(), path.c_str(), O_RDONLY | O_NONBLOCK);
    if (!layer) {
      return Error(ErrorKind::kInvalid, "a layer is missing: " + layer.error().message());
    }
    const Result<void> unpacked = unpackLayer(*layer, *writer_);
    if (!unpacked) {
      return unpacked.error().during("layer " + path);
    }
  }
  return base::removeTree(staging_.fd(), kParts);
}

Result<void> Import::checkRoot() const {
  for (const char* folder : {"usr", "bin"}) {
    if (base::openInRoot(writer_->rootFd(), folder, O_PATH | O_DIRECTORY)) {
      return {};
    }
  }
  return Error(ErrorKind::kInvalid, "it is no root file system: it has neither /usr nor /bin");
}

Result<void> Import::prepare() {
  info_.bytes = writer_->bytes();
  info_.entries = writer_->entries();
  const Result<GuestUser> user = prepareGuestRoot(*writer_);
  if (!user) {
    return user.error().during("make it ready for the sandbox");
  }
  info_.uid = user->uid;
  info_.gid = user->gid;
  info_.warnings = lookForTrouble(writer_->rootFd());
  return {};
}

}  // namespace

Result<ImageInfo> importInto(int images_fd, const std::string& name, const std::string& source,
                             const ImportOptions& options) {
  Result<StagingFolder> staging = StagingFolder::make(images_fd);
  if (!staging) {
    return staging.error();
  }
  Import import(*staging, options);
  const Result<void> imported = import.run(images_fd, source);
  if (!imported) {
    return imported.error();
  }
  ImageInfo info = import.info();
  info.name = name;
  info.imported_at = base::isoUtc(std::time(nullptr));
  const Result<void> written = writeDurably(staging->fd(), "image.json", toJson(info));
  if (!written) {
    return written.error();
  }
  const Result<void> published = staging->publish(encodeImageName(name), options.replace);
  if (!published) {
    return published.error();
  }
  return info;
}

}  // namespace tango::images
