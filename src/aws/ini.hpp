// Files of sections, keys and values, as AWS's tools and boto write them and as people edit them.
// The rules are those of Python's configparser, which all of these tools read them with.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tango::aws {

/// By the key, in lower case.
using IniSection = std::map<std::string, std::string, std::less<>>;
/// By the name between the brackets, without blanks at its ends.
using Ini = std::map<std::string, IniSection, std::less<>>;

/// `key = value` or `key: value`. A line that begins with # or ; is a comment, and so is the rest
/// of a value from a blank and one of these on. A line that is indented deeper than its key's goes
/// on with the value (joined by a line feed); a key itself may be indented. Lines end with LF or
/// CRLF; a byte order mark is passed over.
///
/// kInvalid, with `name` and the line's number but never its content: a line that is none of these,
/// a key before the first section, a key or section that comes twice, or a control character.
base::Result<Ini> parseIni(std::string_view text, const std::string& name);

}  // namespace tango::aws
