#include "vmms/ec2/key_pair.hpp"

#include "base/log.hpp"
#include "vmms/ec2/base64.hpp"
#include "vmms/ec2/ssh_key.hpp"
#include "vmms/ec2/tags.hpp"

namespace tango::vmms::ec2 {
namespace {

using base::Error;
using base::ErrorKind;

awaitable<Result<std::vector<Element>>> keyPairsOf(Api& api, std::string name, Patience patience) {
  Query query("DescribeKeyPairs");
  query.filter("key-name", {name}).set("IncludePublicKey", "true");
  const Reply reply = co_await api.call(std::move(query), patience);
  if (!reply.ok()) {
    co_return reply.error();
  }
  std::vector<Element> pairs = reply.content->items("keySet");
  // '*' and '?' in a filter stand for more than themselves.
  std::erase_if(pairs, [&name](const Element& each) { return each.at("keyName") != name; });
  co_return pairs;
}

// Type and bytes: EC2 may add a comment.
std::string withoutComment(const std::string& public_key) {
  const std::size_t blob = public_key.find(' ');
  return blob == std::string::npos
             ? public_key
             : public_key.substr(0, public_key.find_first_of(" \n", blob + 1));
}

}  // namespace

bool isSameKey(const Element& item, const std::string& public_key) {
  const std::string theirs = item.at("publicKey");
  if (!theirs.empty()) {
    return withoutComment(theirs) == withoutComment(public_key);
  }
  const std::string fingerprint = fingerprintOf(public_key);
  const std::string known = item.at("keyFingerprint");
  return !fingerprint.empty() && known.substr(0, known.find('=')) == fingerprint;
}

awaitable<Result<void>> checkKeyPair(Api& api, std::string name, Patience patience) {
  const Result<std::vector<Element>> found = co_await keyPairsOf(api, name, patience);
  if (!found) {
    co_return found.error();
  }
  if (found->empty()) {
    co_return Error(ErrorKind::kInvalid,
                    "key_name: the account has no key pair " + name + " in this region");
  }
  co_return Result<void>();
}

awaitable<Result<void>> ensureKeyPair(Api& api, std::string name, std::string owner,
                                      std::string public_key, Patience patience) {
  const Result<std::vector<Element>> found = co_await keyPairsOf(api, name, patience);
  if (!found) {
    co_return found.error();
  }
  if (!found->empty()) {
    if (isSameKey(found->front(), public_key)) {
      co_return Result<void>();
    }
    base::logWarning("ec2: the key pair " + name + " is of another key, and is replaced by ours");
    Query remove("DeleteKeyPair");
    remove.set("KeyName", name);
    const Reply removed = co_await api.call(std::move(remove), patience);
    if (!removed.ok()) {
      co_return removed.error();
    }
  }
  Query import("ImportKeyPair");
  import.set("KeyName", name)
      .set("PublicKeyMaterial", base64Of(public_key + " " + name))
      .tagsAtBirth("key-pair", {{kOwnerTag, owner}});
  // A deletion may not yet be known everywhere.
  patience.not_yet = found->empty() ? "" : "InvalidKeyPair.Duplicate";
  const Reply reply = co_await api.call(std::move(import), patience);
  if (!reply.ok()) {
    co_return reply.error();
  }
  co_return Result<void>();
}

}  // namespace tango::vmms::ec2
