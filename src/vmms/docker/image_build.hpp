// One image that is put on one host under a name, and can be taken back from there.
#pragma once

#include <optional>
#include <set>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "base/result.hpp"
#include "vmms/docker/engine.hpp"
#include "vmms/docker/saved_image.hpp"

namespace tango::vmms::docker {

/// The steps are called in this order, each once; it outlives its calls. It remembers what it found
/// before it changed anything.
class ImageBuild {
 public:
  /// `name` has no tag; `engine` is borrowed. `host` is for errors.
  ImageBuild(std::string host, Engine& engine, std::string name)
      : host_(std::move(host)), engine_(engine), name_(std::move(name)) {}

  /// Brings the image (borrowed) there, without any name. kInvalid: the engine refuses it.
  awaitable<Result<void>> load(const SavedImage& image);
  /// Makes it NAME:latest.
  awaitable<Result<void>> tag();
  /// Behind a failure, here or on another host: NAME:latest is what it was, and what was loaded is
  /// gone unless it was there before, or somebody has named it since.
  awaitable<Result<void>> undo();

 private:
  [[nodiscard]] std::string reference() const { return name_ + ":latest"; }
  awaitable<Result<void>> rememberState();
  awaitable<Result<void>> restoreTag();
  awaitable<Result<void>> removeIfNameless(std::string id);

  std::string host_;
  Engine& engine_;
  std::string name_;
  std::set<std::string> ids_before_;
  std::optional<std::string> tagged_before_;  ///< the id of the older NAME:latest
  std::set<std::string> loaded_;              ///< ids that may be there because of us
  std::string id_;
  bool tagged_ = false;
};

}  // namespace tango::vmms::docker
