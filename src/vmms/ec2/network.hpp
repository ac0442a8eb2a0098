// The network that instances are made in: the VPC, and who may reach them there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "http/client.hpp"
#include "vmms/ec2/api.hpp"

namespace tango::vmms::ec2 {

struct Vpc {
  std::string id;
  std::vector<std::string> cidrs;
};

/// The VPC of `subnets`, or the region's default one if there are none. kInvalid: they are not all
/// of one VPC, or there is no default one.
awaitable<Result<Vpc>> findVpc(Api& api, std::vector<std::string> subnets, Patience patience);

/// The address from which `url` sees us come, as a CIDR block of it alone ("203.0.113.9/32").
awaitable<Result<std::string>> ownAddress(http::Client& client, std::string url);

/// The one address that an answer of such a page holds, as a CIDR block; kSystem: it holds none.
[[nodiscard]] Result<std::string> addressBlock(const std::string& body);

/// A CIDR block as EC2 keeps it: without what is beyond its prefix. kInvalid: it is none.
[[nodiscard]] Result<std::string> networkBlock(const std::string& text);

/// Who is let in.
struct GroupPlan {
  std::string name;   ///< or "sg-..."
  std::string owner;  ///< the tag of a group that we make
  std::uint16_t ssh_port = 22;
  std::vector<std::string> ssh_from;  ///< CIDR blocks
};

struct IngressRule {
  std::string protocol;  ///< "-1": all
  std::int64_t from_port = -1;
  std::int64_t to_port = -1;
  std::vector<std::string> cidrs;
};

/// The rules of an item of a DescribeSecurityGroups answer.
[[nodiscard]] std::vector<IngressRule> ingressRulesOf(const Element& group);

/// Whether one of them lets everybody in at every port.
[[nodiscard]] bool opensEverything(const std::vector<IngressRule>& rules);

/// Those of the plan's blocks that no rule lets in to ssh as they stand there.
[[nodiscard]] std::vector<std::string> missingBlocks(const std::vector<IngressRule>& rules,
                                                     const GroupPlan& plan);

/// Whether `name` is a group's id already.
[[nodiscard]] inline bool isGroupId(const std::string& name) {
  return name.starts_with("sg-");
}

/// The group of that name in `vpc` (which does not count for an id), as EC2 tells it; nothing:
/// there is none. kInvalid: "sg-..." does not exist.
awaitable<Result<std::optional<Element>>> findGroup(Api& api, std::string name, Vpc vpc,
                                                    Patience patience);

/// Whether the service with that tag made it, and so sees to its rules.
[[nodiscard]] bool isGroupOf(const Element& group, const std::string& owner);

/// Makes it; its id. kInvalid: a block is refused.
awaitable<Result<std::string>> makeGroup(Api& api, GroupPlan plan, Vpc vpc, Patience patience);

/// The id of a group that is there. One that somebody else made is used as it is (a warning is
/// logged if it lets everybody in everywhere); to one that we made is added what of the plan it
/// lacks. kInvalid: a block is refused.
awaitable<Result<std::string>> takeGroup(Api& api, GroupPlan plan, Element group,
                                         Patience patience);

}  // namespace tango::vmms::ec2
