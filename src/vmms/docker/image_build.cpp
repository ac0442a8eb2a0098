#include "vmms/docker/image_build.hpp"

#include <cerrno>

#include <fcntl.h>

#include "http/client.hpp"
#include "vmms/docker/image_reference.hpp"

namespace tango::vmms::docker {
namespace {

using base::Error;
using base::ErrorKind;

constexpr const char* kTag = "latest";

bool isId(const std::string& text) {
  const Result<ImageReference> reference = parseImageReference(text);
  return reference && reference->name.empty();
}

}  // namespace

awaitable<Result<void>> ImageBuild::rememberState() {
  const Result<std::vector<ImageEntry>> images = co_await engine_.listImages();
  if (!images) {
    co_return images.error().during(host_);
  }
  for (const ImageEntry& image : *images) {
    ids_before_.insert(image.id);
  }
  const Result<ImageDetails> older = co_await engine_.inspectImage(reference());
  if (older) {
    tagged_before_ = older->id;
  } else if (older.error().kind() != ErrorKind::kNotFound) {
    co_return older.error().during(host_);
  }
  co_return Result<void>();
}

awaitable<Result<void>> ImageBuild::load(const SavedImage& image) {
  const Result<void> remembered = co_await rememberState();
  if (!remembered) {
    co_return remembered.error();
  }
  std::vector<http::BodyPart> body(1);
  body[0].file.reset(::fcntl(image.tarball.get(), F_DUPFD_CLOEXEC, 0));
  body[0].file_bytes = image.bytes;
  if (!body[0].file) {
    co_return base::systemError(errno, "open the image again");
  }
  loaded_.insert(image.id);
  const Result<std::vector<std::string>> loaded = co_await engine_.loadImage(std::move(body));
  if (!loaded) {
    co_return loaded.error().during(host_ + ": load the image");
  }
  if (loaded->size() != 1 || !isId(loaded->front())) {
    co_return Error(ErrorKind::kSystem, host_ + ": the engine does not say which image it loaded");
  }
  id_ = loaded->front();
  loaded_.insert(id_);
  co_return Result<void>();
}

awaitable<Result<void>> ImageBuild::tag() {
  tagged_ = true;
  const Result<void> tagged = co_await engine_.tagImage(id_, name_, kTag);
  co_return tagged ? Result<void>() : tagged.error().during(host_ + ": name the image");
}

awaitable<Result<void>> ImageBuild::restoreTag() {
  Result<void> restored;
  if (tagged_before_) {
    restored = co_await engine_.tagImage(*tagged_before_, name_, kTag);
  } else {
    restored = co_await engine_.removeImage(reference());
  }
  if (!restored && restored.error().kind() != ErrorKind::kNotFound) {
    co_return restored.error().during(host_ + ": give " + reference() + " back");
  }
  co_return Result<void>();
}

awaitable<Result<void>> ImageBuild::removeIfNameless(std::string id) {
  const Result<ImageDetails> image = co_await engine_.inspectImage(id);
  if (!image && image.error().kind() == ErrorKind::kNotFound) {
    co_return Result<void>();
  }
  if (!image) {
    co_return image.error().during(host_);
  }
  if (!image->tags.empty()) {
    co_return Result<void>();
  }
  const Result<void> removed = co_await engine_.removeImage(id);
  co_return removed ? Result<void>() : removed.error().during(host_ + ": remove " + id);
}

awaitable<Result<void>> ImageBuild::undo() {
  Result<void> undone;
  if (tagged_) {
    undone = co_await restoreTag();
  }
  for (const std::string& id : loaded_) {
    if (ids_before_.contains(id)) {
      continue;
    }
    const Result<void> removed = co_await removeIfNameless(id);
    if (!removed && undone) {
      undone = removed;
    }
  }
  co_return undone;
}

}  // namespace tango::vmms::docker
