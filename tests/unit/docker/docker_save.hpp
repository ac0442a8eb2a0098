// What `docker save` writes of an image, with all that can be wrong with it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "unit/images/tarball.hpp"

namespace tango::vmms::docker {

/// Changed as a test likes, then written.
struct DockerSave {
  /// An image with one layer of these files (path, content), NAME:TAG or "" for none.
  DockerSave(const std::filesystem::path& folder, std::string tag,
             const std::vector<std::pair<std::string, std::string>>& files,
             std::string settings = "{}");

  /// The archive, in `folder`.
  [[nodiscard]] std::filesystem::path write(
      const std::string& name,
      images::Tarball::Compression compression = images::Tarball::Compression::kNone) const;
  /// As an engine will name it.
  [[nodiscard]] std::string id() const;

  std::filesystem::path folder;
  std::string layer;
  std::string config;
  std::string manifest;
};

/// The SHA-256 in hexadecimal digits.
std::string sha256(const std::string& bytes);
std::string contentOf(const std::filesystem::path& file);

}  // namespace tango::vmms::docker
