// The name of a sandbox image, and how it is one folder's name on disk.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tango::images {

using base::Result;

/// The image that the sandbox builds from the machine's own tree; no import may take its name.
inline constexpr std::string_view kHostImage = "host";

/// Ok if `name` can name an imported image: letters, digits and any of `._-:/@`, such that its
/// encoded form is one path component; not kHostImage. Else kInvalid.
Result<void> checkImageName(std::string_view name);

/// One path component that never starts with '.': what is not a letter, a digit or one of `._-`,
/// and a leading dot, becomes %XX. Different names have different encodings.
[[nodiscard]] std::string encodeImageName(std::string_view name);

/// The other way; nothing if `folder` is not what encodeImageName would write.
[[nodiscard]] std::optional<std::string> decodeImageName(std::string_view folder);

}  // namespace tango::images
