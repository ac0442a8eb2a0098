#include "images/image_name.hpp"

#include <algorithm>
#include <charconv>

#include "base/safe_path.hpp"

namespace tango::images {
namespace {

bool plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

}  // namespace

Result<void> checkImageName(std::string_view name) {
  const auto refuse = [&](std::string_view why) {
    return base::Error(base::ErrorKind::kInvalid,
                       "image name '" + std::string(name.substr(0, base::kNameBytesMax)) + "' " +
                           std::string(why));
  };
  if (name.empty()) {
    return refuse("is empty");
  }
  if (name == kHostImage) {
    return refuse("is taken by the built-in image, which is the machine's own tree");
  }
  const auto allowed = [](char c) { return plain(c) || c == ':' || c == '/' || c == '@'; };
  if (!std::all_of(name.begin(), name.end(), allowed)) {
    return refuse("may have letters, digits and . _ - : / @ in it, and nothing else");
  }
  if (encodeImageName(name).size() > base::kNameBytesMax) {
    return refuse("is too long");
  }
  return {};
}

std::string encodeImageName(std::string_view name) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string folder;
  for (const char c : name) {
    if (plain(c) && !(c == '.' && folder.empty())) {
      folder += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      folder += '%';
      folder += kDigits[byte >> 4U];
      folder += kDigits[byte & 15U];
    }
  }
  return folder;
}

std::optional<std::string> decodeImageName(std::string_view folder) {
  std::string name;
  for (std::size_t at = 0; at < folder.size(); ++at) {
    if (folder[at] != '%') {
      name += folder[at];
      continue;
    }
    const std::string_view digits = folder.substr(at + 1, 2);
    unsigned byte = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (digits.size() != 2 || parsed.ptr != digits.data() + 2) {
      return std::nullopt;
    }
    name += static_cast<char>(byte);
    at += 2;
  }
  if (encodeImageName(name) != folder) {
    return std::nullopt;
  }
  return name;
}

}  // namespace tango::images
