// The places in which credentials are looked for, one after the other; the metadata of the instance
// (instance_metadata.hpp) is the last of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/credentials.hpp"
#include "base/result.hpp"

namespace tango::aws {

/// What a source has said.
struct Given {
  std::optional<Credentials> credentials;  ///< absent: it has none
  /// Where they were found, or everywhere they were looked for; for people.
  std::string place;
  /// The file that they come from, if others than its owner can read it; "": it is as it should be.
  std::string open_file;
};

/// How a source calls the parts of its credentials, for messages.
struct PartNames {
  std::string_view id;
  std::string_view key;
  std::string_view token = "";
};

/// The parts as one. Absent: there is neither id nor key. kInvalid, with `place` and the name but
/// never the content: one without the other, or characters that none of them has.
base::Result<std::optional<Credentials>> completed(Credentials parts, const PartNames& names,
                                                   const std::string& place);

/// A variable's value; "": it is not set.
[[nodiscard]] std::string variable(const CredentialSources& sources, std::string_view name);

/// HOME, or where that is not set (a system service), the home of our user. Blocks. "": none.
[[nodiscard]] std::string homeOf(const CredentialSources& sources);

/// `path` with a leading "~/" replaced by the home.
[[nodiscard]] std::string fromHome(const std::string& path, const std::string& home);

/// True where the configuration names a profile: it then comes before the environment's
/// credentials.
[[nodiscard]] bool profileIsConfigured(const CredentialSources& sources);

/// The sources. kInvalid: there, but not as it should be.
base::Result<Given> fromConfiguration(const CredentialSources& sources);
/// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.
base::Result<Given> fromEnvironment(const CredentialSources& sources);
/// The section of ~/.aws/credentials, or else of ~/.aws/config. Blocks. kInvalid as well for a
/// profile that is named and in neither, and for one that says how to get credentials (by a role, a
/// command, a single sign-on) without having any.
base::Result<Given> fromProfile(const CredentialSources& sources);
/// [Credentials] of BOTO_CONFIG; where that is not set, of ~/.boto, or else of /etc/boto.cfg.
/// Blocks.
base::Result<Given> fromBoto(const CredentialSources& sources);

/// The region that the environment names, or the profile's files (blocks); "": none. The error is
/// the files'.
base::Result<std::string> regionOfProfile(const CredentialSources& sources);

}  // namespace tango::aws
