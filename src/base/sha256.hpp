// The SHA-256 of what is in memory. A library of its own (tango_sha256): the static programs do
// without OpenSSL.
#pragma once

#include <array>
#include <string_view>

namespace tango::base {

using Sha256 = std::array<unsigned char, 32>;

/// See hexOf for how it is written.
[[nodiscard]] Sha256 sha256Of(std::string_view bytes);

}  // namespace tango::base
