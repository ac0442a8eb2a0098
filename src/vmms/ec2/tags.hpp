// The tags by which our instances are known, whoever looks at them.
#pragma once

#include <ctime>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "model/vm.hpp"
#include "vmms/ec2/query.hpp"
#include "vmms/ec2/xml.hpp"

namespace tango::vmms::ec2 {

inline constexpr const char* kOwnerTag = "tango:owner";
inline constexpr const char* kPrefixTag = "tango:prefix";
inline constexpr const char* kIdTag = "tango:id";
inline constexpr const char* kImageTag = "tango:image";
inline constexpr const char* kLeaseTag = "tango:lease-until";

/// A tag's value has at most so many characters.
inline constexpr std::size_t kTagValueMax = 256;

/// kInvalid: an owner is 1 to 64 letters, digits, '.', '_' and '-'.
base::Result<void> checkOwner(const std::string& owner);

/// kInvalid, naming the part: what no tag can hold.
base::Result<void> checkName(const model::VmName& name);

/// All tags of a machine; its lease ends at `lease_until`, in seconds since 1970.
[[nodiscard]] Tags tagsOf(const std::string& owner, const model::VmName& name,
                          std::time_t lease_until);

/// The value of a tag in an item's tagSet; "": it has none of that key.
[[nodiscard]] std::string tagIn(const Element& item, const std::string& key);

/// The name that an instance's tags tell; nothing: they tell none.
[[nodiscard]] std::optional<model::VmName> nameIn(const Element& item);

}  // namespace tango::vmms::ec2
