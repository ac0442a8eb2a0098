// What another program says of its failure, fit for one line of ours.
#pragma once

#include <string>
#include <string_view>

namespace tango::vmms::tashi {

/// UTF-8 without control characters, of at most 400 bytes that were said. Of several lines (as
/// Python's tracebacks have) the last one that is not empty.
[[nodiscard]] std::string wordsOf(std::string_view said);

}  // namespace tango::vmms::tashi
