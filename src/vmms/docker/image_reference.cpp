#include "vmms/docker/image_reference.hpp"

#include <algorithm>

namespace tango::vmms::docker {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::string_view kDigestAlgorithm = "sha256:";
constexpr std::size_t kDigestDigits = 64;
constexpr std::string_view kHub = "docker.io";
constexpr std::string_view kOldHub = "index.docker.io";

bool isLower(char c) {
  return c >= 'a' && c <= 'z';
}
bool isLetter(char c) {
  return isLower(c) || (c >= 'A' && c <= 'Z');
}
bool isDigit(char c) {
  return c >= '0' && c <= '9';
}
bool isLowerHex(char c) {
  return isDigit(c) || (c >= 'a' && c <= 'f');
}

Error invalid(std::string_view what) {
  return {ErrorKind::kInvalid, "image name: " + std::string(what)};
}

template <class Test>
bool all(std::string_view text, Test test) {
  return std::all_of(text.begin(), text.end(), test);
}

/// `pred` for each of the parts between the separators; "" is one part.
template <class Test>
bool allParts(std::string_view text, char separator, Test test) {
  for (;;) {
    const std::size_t end = text.find(separator);
    if (!test(text.substr(0, end))) {
      return false;
    }
    if (end == std::string_view::npos) {
      return true;
    }
    text.remove_prefix(end + 1);
  }
}

/// Runs of lower case letters and digits, with '.', '_', "__" or any number of '-' between two.
bool isPathComponent(std::string_view text) {
  const auto alnum = [](char c) { return isLower(c) || isDigit(c); };
  std::size_t at = 0;
  for (;;) {
    const std::size_t begin = at;
    while (at < text.size() && alnum(text[at])) {
      ++at;
    }
    if (at == begin) {
      return false;
    }
    if (at == text.size()) {
      return true;
    }
    const std::size_t separator = at;
    while (at < text.size() && !alnum(text[at])) {
      ++at;
    }
    const std::string_view between = text.substr(separator, at - separator);
    const bool dashes = all(between, [](char c) { return c == '-'; });
    if (!dashes && between != "." && between != "_" && between != "__") {
      return false;
    }
  }
}

bool isPath(std::string_view text) {
  return allParts(text, '/', isPathComponent);
}

bool isHostLabel(std::string_view text) {
  return !text.empty() && text.front() != '-' && text.back() != '-' &&
         all(text, [](char c) { return isLetter(c) || isDigit(c) || c == '-'; });
}

bool isHost(std::string_view text) {
  if (text.starts_with('[')) {
    return text.size() > 2 && text.ends_with(']') &&
           all(text.substr(1, text.size() - 2),
               [](char c) { return isLowerHex(c) || (c >= 'A' && c <= 'F') || c == ':'; });
  }
  return allParts(text, '.', isHostLabel);
}

bool isRegistry(std::string_view text) {
  const std::size_t bracket = text.rfind(']');
  const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) {
    const std::string_view port = text.substr(colon + 1);
    if (port.empty() || !all(port, isDigit)) {
      return false;
    }
  }
  return isHost(text.substr(0, colon));
}

/// Whether what stands before the first '/' is a registry, by the rule by which Docker guesses it.
bool looksLikeRegistry(std::string_view first) {
  return first == "localhost" || first.find_first_of(".:[") != std::string_view::npos ||
         std::any_of(first.begin(), first.end(), [](char c) { return isLetter(c) && !isLower(c); });
}

Result<void> checkName(std::string_view name) {
  if (name.empty()) {
    return invalid("it is empty");
  }
  if (name.size() > kImageNameBytesMax) {
    return invalid("it is longer than " + std::to_string(kImageNameBytesMax) + " bytes");
  }
  const std::size_t slash = name.find('/');
  const bool has_registry =
      slash != std::string_view::npos && looksLikeRegistry(name.substr(0, slash));
  if (isPath(name) ||
      (has_registry && isRegistry(name.substr(0, slash)) && isPath(name.substr(slash + 1)))) {
    return {};
  }
  const std::string_view path = has_registry ? name.substr(slash + 1) : name;
  if (all(path, [](char c) { return isLetter(c) || isDigit(c); }) && !path.empty()) {
    return invalid("it must be in lower case");
  }
  return invalid(
      "it must be as in registry.example.org:5000/course/lab:tag, its path of lower case letters "
      "and digits with single '.', '_' or '-' between them");
}

Result<void> checkTag(std::string_view tag) {
  const auto word = [](char c) { return isLetter(c) || isDigit(c) || c == '_'; };
  if (tag.empty() || tag.size() > kImageTagBytesMax || !word(tag.front()) ||
      !all(tag, [word](char c) { return word(c) || c == '.' || c == '-'; })) {
    return invalid("the tag behind ':' must be 1 to " + std::to_string(kImageTagBytesMax) +
                   " letters, digits, '_', '.' or '-', and begin with none of the last two");
  }
  return {};
}

bool isDigest(std::string_view text) {
  return text.starts_with(kDigestAlgorithm) &&
         text.size() == kDigestAlgorithm.size() + kDigestDigits &&
         all(text.substr(kDigestAlgorithm.size()), isLowerHex);
}

bool isBareId(std::string_view text) {
  return text.size() == kDigestDigits && all(text, isLowerHex);
}

/// With registry and all, as Docker completes it.
std::string completeName(std::string_view name) {
  const std::size_t slash = name.find('/');
  std::string_view registry = kHub;
  if (slash != std::string_view::npos && looksLikeRegistry(name.substr(0, slash))) {
    registry = name.substr(0, slash);
    name.remove_prefix(slash + 1);
  }
  if (registry == kOldHub) {
    registry = kHub;
  }
  const bool official = registry == kHub && name.find('/') == std::string_view::npos;
  return std::string(registry) + (official ? "/library/" : "/") + std::string(name);
}

}  // namespace

std::string ImageReference::text() const {
  if (name.empty()) {
    return digest;
  }
  std::string all = name;
  if (!tag.empty()) {
    all += ":" + tag;
  }
  if (!digest.empty()) {
    all += "@" + digest;
  }
  return tag.empty() && digest.empty() ? all + ":latest" : all;
}

Result<ImageReference> parseImageReference(std::string_view text) {
  ImageReference reference;
  if (isBareId(text)) {
    reference.digest = std::string(kDigestAlgorithm) + std::string(text);
    return reference;
  }
  if (isDigest(text)) {
    reference.digest = text;
    return reference;
  }
  std::string_view rest = text;
  if (const std::size_t at = rest.find('@'); at != std::string_view::npos) {
    if (!isDigest(rest.substr(at + 1))) {
      return invalid("the digest behind '@' must be sha256: and 64 digits of 0-9a-f");
    }
    reference.digest = rest.substr(at + 1);
    rest = rest.substr(0, at);
  }
  // A colon before the last slash is a port's.
  const std::size_t slash = rest.rfind('/');
  const std::size_t colon = rest.find(':', slash == std::string_view::npos ? 0 : slash);
  if (colon != std::string_view::npos) {
    const Result<void> tag = checkTag(rest.substr(colon + 1));
    if (!tag) {
      return tag.error();
    }
    reference.tag = rest.substr(colon + 1);
    rest = rest.substr(0, colon);
  }
  const Result<void> name = checkName(rest);
  if (!name) {
    return name.error();
  }
  reference.name = rest;
  return reference;
}

bool meanSameImage(const ImageReference& one, const ImageReference& other) {
  if (one.name.empty() || other.name.empty()) {
    return one == other;
  }
  if (completeName(one.name) != completeName(other.name) || one.digest != other.digest) {
    return false;
  }
  const auto tag = [](const ImageReference& each) {
    return each.tag.empty() ? std::string("latest") : each.tag;
  };
  return !one.digest.empty() || tag(one) == tag(other);
}

}  // namespace tango::vmms::docker
