// The key by which ssh comes to instances: one that is configured, or one of our own making.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.hpp"

namespace tango::vmms::ec2 {

/// The public key ("ssh-ed25519 AAAA...") of the private one at `file`, as ssh-keygen reads it: one
/// with a passphrase, or that others can read, is kInvalid. Blocks.
base::Result<std::string> publicKeyOf(const std::filesystem::path& file);

/// The same; where the file is missing, an ed25519 key is made there (0600), and its folder (0700).
/// Blocks.
base::Result<std::string> ownPublicKey(const std::filesystem::path& file);

/// EC2's fingerprint of an ed25519 key: the SHA-256 of its bytes in base64, without '='; "": it is
/// none. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/verify-keys.html
[[nodiscard]] std::string fingerprintOf(const std::string& public_key);

}  // namespace tango::vmms::ec2
