// The texts of protocol 0: a str as Python 2's repr() writes it, and a unicode in the codec
// raw-unicode-escape.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tango::vmms::tashi {

/// The bytes of a str from its literal, quotes included ("'a\\n'"). kSystem: it is none.
base::Result<std::string> unquoted(std::string_view literal);

/// UTF-8 of a unicode's line; half a surrogate pair becomes U+FFFD. kSystem: a bad escape.
base::Result<std::string> utf8OfRawUnicode(std::string_view line);

/// The literal of `bytes`, in printable ASCII.
[[nodiscard]] std::string quoted(std::string_view bytes);

}  // namespace tango::vmms::tashi
