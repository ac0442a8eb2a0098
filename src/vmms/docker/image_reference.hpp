// Names of Docker images: [REGISTRY[:PORT]/]PATH[:TAG][@DIGEST].
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tango::vmms::docker {

/// Most bytes of a name (registry and path), of a tag and of a whole reference: what
/// distribution/reference takes, with a digest of sha256.
inline constexpr std::size_t kImageNameBytesMax = 255;
inline constexpr std::size_t kImageTagBytesMax = 128;
inline constexpr std::size_t kImageReferenceBytesMax =
    kImageNameBytesMax + 1 + kImageTagBytesMax + 1 + 71;

struct ImageReference {
  std::string name;    ///< registry, port and path; "": the image is named by its id alone
  std::string tag;     ///< "": none was given
  std::string digest;  ///< "sha256:..."; "": none was given

  /// As an engine takes it: with `:latest` if neither tag nor digest was given.
  [[nodiscard]] std::string text() const;

  friend bool operator==(const ImageReference&, const ImageReference&) = default;
};

/// By the grammar of github.com/distribution/reference. kInvalid says what is wrong, without the
/// bytes that are. Nothing else may stand in a path of the Engine API.
///
/// An image's id is a reference too, as it is for `docker run`: "sha256:" and 64 digits, or the 64
/// digits alone, which Docker takes for no name. A shortened id is a name like any other: it may
/// mean another image tomorrow.
base::Result<ImageReference> parseImageReference(std::string_view text);

/// Whether both mean one image wherever they are looked up: `ubuntu` is `ubuntu:latest` and
/// `docker.io/library/ubuntu:latest`. A digest counts before a tag; a name with one and the same
/// name without are two.
[[nodiscard]] bool meanSameImage(const ImageReference& one, const ImageReference& other);

}  // namespace tango::vmms::docker
