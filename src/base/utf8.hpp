// Text for places that can hold only UTF-8, from bytes of any kind.
#pragma once

#include <string>
#include <string_view>

namespace tango::base {

/// Every byte that is not part of a well-formed UTF-8 sequence (RFC 3629: no overlong forms, no
/// surrogates, nothing above U+10FFFF) becomes U+FFFD; the rest stays.
[[nodiscard]] std::string replaceInvalidUtf8(std::string_view bytes);

}  // namespace tango::base
