// The report as one page that needs nothing else: no script, no font, no picture from elsewhere.
#pragma once

#include <string>
#include <string_view>

#include "tango/bench/report.hpp"

namespace tango::bench {

/// `text` as content or a quoted attribute of HTML and XML; control characters are shown as what
/// they are.
[[nodiscard]] std::string escaped(std::string_view text);

/// HTML that is well-formed XML too.
[[nodiscard]] std::string pageOf(const Report& report);

}  // namespace tango::bench
