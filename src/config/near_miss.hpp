// "Did you mean ...?"
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tango::config {

/// The one of `known` that `word` is a mistyped form of: at most two letters differ, are missing,
/// too many or swapped (one, in a short word), or only case and '-' for '_' do. "": none is near.
[[nodiscard]] std::string nearMiss(std::string_view word, const std::vector<std::string>& known);

}  // namespace tango::config
