#include "vmms/ec2/tags.hpp"

#include <algorithm>
#include <charconv>

#include "base/clock.hpp"
#include "base/utf8.hpp"

namespace tango::vmms::ec2 {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::size_t kOwnerMax = 64;

bool isOwnerByte(char each) {
  return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') ||
         (each >= '0' && each <= '9') || each == '.' || each == '_' || each == '-';
}

bool isText(const std::string& bytes) {
  return base::replaceInvalidUtf8(bytes) == bytes;
}

}  // namespace

Result<void> checkOwner(const std::string& owner) {
  if (owner.empty() || owner.size() > kOwnerMax ||
      !std::all_of(owner.begin(), owner.end(), isOwnerByte)) {
    return Error(ErrorKind::kInvalid,
                 "owner: it is 1 to 64 letters, digits, '.', '_' and '-', not '" + owner + "'");
  }
  return {};
}

Result<void> checkName(const model::VmName& name) {
  if (name.prefix.size() > kTagValueMax || !isText(name.prefix)) {
    return Error(ErrorKind::kInvalid, "the prefix of a VM's name is no text, or too long for EC2");
  }
  if (name.image.size() > kTagValueMax || !isText(name.image)) {
    return Error(ErrorKind::kInvalid, "image: for EC2 it is a text of at most " +
                                          std::to_string(kTagValueMax) + " bytes");
  }
  return {};
}

Tags tagsOf(const std::string& owner, const model::VmName& name, std::time_t lease_until) {
  return {{"Name", name.text().substr(0, kTagValueMax)},
          {kOwnerTag, owner},
          {kPrefixTag, name.prefix},
          {kIdTag, std::to_string(name.id)},
          {kImageTag, name.image},
          {kLeaseTag, base::isoUtc(lease_until)}};
}

std::string tagIn(const Element& item, const std::string& key) {
  for (const Element& each : item.items("tagSet")) {
    if (each.at("key") == key) {
      return each.at("value");
    }
  }
  return "";
}

std::optional<model::VmName> nameIn(const Element& item) {
  const std::string id = tagIn(item, kIdTag);
  model::VmName name{tagIn(item, kPrefixTag), 0, tagIn(item, kImageTag)};
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), name.id);
  if (error != std::errc() || end != id.data() + id.size()) {
    return std::nullopt;
  }
  return name;
}

}  // namespace tango::vmms::ec2
