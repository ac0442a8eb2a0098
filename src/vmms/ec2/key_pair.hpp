// The key pair in EC2 that instances are made with: its public part is put into each by cloud-init.
#pragma once

#include <string>

#include "vmms/ec2/api.hpp"

namespace tango::vmms::ec2 {

/// Whether an item of a DescribeKeyPairs answer has that public key ("ssh-ed25519 AAAA...").
[[nodiscard]] bool isSameKey(const Element& item, const std::string& public_key);

/// Ok: the account has a key pair of that name. kInvalid: it has not.
awaitable<Result<void>> checkKeyPair(Api& api, std::string name, Patience patience);

/// Has EC2 know our public key as `name`. Another one of that name is replaced: it is ours by its
/// name, and its private part is not here.
awaitable<Result<void>> ensureKeyPair(Api& api, std::string name, std::string owner,
                                      std::string public_key, Patience patience);

}  // namespace tango::vmms::ec2
