// The credentials of an instance's role, as its metadata writes them (JSON).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "aws/credentials.hpp"
#include "base/result.hpp"

namespace tango::aws {

/// `place` stands for where the text is from, in errors; these never have a part of it but for a
/// refusal's code. kInvalid: it says that the role is not to be had; kSystem: it is not such a
/// text.
base::Result<Credentials> parseRoleCredentials(std::string_view text, const std::string& place);

/// Seconds since 1970 of `2026-11-23T17:31:03Z`, with or without a fraction; absent: it is no time.
[[nodiscard]] std::optional<std::int64_t> parseIsoUtc(std::string_view text);

}  // namespace tango::aws
