// The host key of one machine, as ssh took it down in a file of that machine alone: see sshd(8),
// SSH_KNOWN_HOSTS FILE FORMAT.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tango::vmms::remote {

/// Under which the key stands there.
inline constexpr const char* kHostKeyAlias = "tango-machine";

/// The keys ("ssh-ed25519 AAAA...") in the text of such a file; what is no line of a plain key is
/// passed over.
[[nodiscard]] std::vector<std::string> keysIn(std::string_view known_hosts);

/// Those of the file; none if there is no file.
[[nodiscard]] std::vector<std::string> keysOfFile(const std::filesystem::path& known_hosts);

enum class Witness {
  kConfirms,
  kSilent,       ///< it says nothing of keys of these types
  kContradicts,  ///< it has another key of such a type
};

/// What a console that shows `shown` says of a machine that was met with `met`. A comment behind a
/// key does not count.
[[nodiscard]] Witness witness(const std::vector<std::string>& met,
                              const std::vector<std::string>& shown);

}  // namespace tango::vmms::remote
