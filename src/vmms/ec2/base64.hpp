// Base64 (RFC 4648, 4), as EC2 has user data, public keys and console output.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tango::vmms::ec2 {

[[nodiscard]] std::string base64Of(std::string_view bytes);

/// The bytes that `text` stands for; line ends and blanks in it do not count. Nothing: it is not
/// base64.
[[nodiscard]] std::optional<std::string> fromBase64(std::string_view text);

}  // namespace tango::vmms::ec2
