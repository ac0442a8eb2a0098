// By what our instances are known to Tashi: a name that can be a host's, and hints that tell whose
// and which they are.
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "model/vm.hpp"
#include "vmms/tashi/instances.hpp"

namespace tango::vmms::tashi {

/// A label of DNS has at most so many bytes.
inline constexpr std::size_t kHostNameMax = 63;

/// Of letters, digits and '-' alone: Tashi drops other characters, and a name of DNS has none. What
/// is too long is cut, and ends in a checksum of the whole.
[[nodiscard]] std::string hostNameOf(const model::VmName& name);

/// kInvalid: an owner is 1 to 64 letters, digits, '.', '_' and '-'.
base::Result<void> checkOwner(const std::string& owner);

/// Their values are of unreserved characters of URLs and '%' alone: a Tashi that keeps its
/// instances in a database writes hints into SQL as they are.
[[nodiscard]] Hints hintsOf(const std::string& owner, const model::VmName& name);

/// The name in the hints of an instance that `owner` has made; nothing: it is not one of those.
[[nodiscard]] std::optional<model::VmName> nameIn(const Hints& hints, const std::string& owner);

}  // namespace tango::vmms::tashi
