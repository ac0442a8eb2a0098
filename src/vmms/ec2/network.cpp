#include "vmms/ec2/network.hpp"

#include <algorithm>
#include <charconv>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include "base/log.hpp"
#include "vmms/ec2/tags.hpp"

namespace tango::vmms::ec2 {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::uint64_t kAddressBytesMax = 1024;
constexpr const char* kTcp = "tcp";
constexpr const char* kAll = "-1";

std::int64_t portOf(const std::string& text) {
  std::int64_t port = -1;
  std::from_chars(text.data(), text.data() + text.size(), port);
  return port;
}

bool isEverybody(const std::string& cidr) {
  return cidr == "0.0.0.0/0" || cidr == "::/0";
}

bool lets(const IngressRule& rule, const std::string& cidr, std::uint16_t port) {
  const bool at_port = rule.protocol == kAll ||
                       (rule.protocol == kTcp && rule.from_port <= port && port <= rule.to_port);
  return at_port && std::any_of(rule.cidrs.begin(), rule.cidrs.end(), [&cidr](const auto& each) {
           return each == cidr || each == "0.0.0.0/0";
         });
}

// What somebody configured is wrong where EC2 finds nothing by it.
Error asConfigured(const Error& error) {
  return {error.kind() == ErrorKind::kNotFound ? ErrorKind::kInvalid : error.kind(),
          error.message()};
}

awaitable<Result<std::string>> vpcOfSubnets(Api& api, std::vector<std::string> subnets,
                                            Patience patience) {
  Query query("DescribeSubnets");
  query.list("SubnetId", subnets);
  const Result<std::vector<Element>> found =
      co_await api.callForList(std::move(query), "subnetSet", patience);
  if (!found) {
    co_return asConfigured(found.error());
  }
  std::string id;
  for (const Element& each : *found) {
    if (!id.empty() && each.at("vpcId") != id) {
      co_return Error(ErrorKind::kInvalid, "subnets: they are not all of one VPC");
    }
    id = each.at("vpcId");
  }
  if (id.empty()) {
    co_return Error(ErrorKind::kInvalid, "subnets: there are no such subnets");
  }
  co_return id;
}

awaitable<Result<void>> letIn(Api& api, std::string group_id, std::vector<std::string> cidrs,
                              std::uint16_t port, Patience patience) {
  Query query("AuthorizeSecurityGroupIngress");
  query.set("GroupId", group_id)
      .set("IpPermissions.1.IpProtocol", kTcp)
      .set("IpPermissions.1.FromPort", std::to_string(port))
      .set("IpPermissions.1.ToPort", std::to_string(port));
  std::size_t v4 = 0;
  std::size_t v6 = 0;
  for (const std::string& cidr : cidrs) {
    const bool is_v6 = cidr.find(':') != std::string::npos;
    const std::string number = std::to_string(is_v6 ? ++v6 : ++v4);
    query.set(is_v6 ? "IpPermissions.1.Ipv6Ranges." + number + ".CidrIpv6"
                    : "IpPermissions.1.IpRanges." + number + ".CidrIp",
              cidr);
  }
  patience.not_yet = "InvalidGroup.NotFound";
  const Reply reply = co_await api.call(std::move(query), patience);
  if (!reply.ok() && reply.code != "InvalidPermission.Duplicate") {
    co_return reply.error();
  }
  co_return Result<void>();
}

}  // namespace

awaitable<Result<Vpc>> findVpc(Api& api, std::vector<std::string> subnets, Patience patience) {
  Query query("DescribeVpcs");
  if (subnets.empty()) {
    query.filter("is-default", {"true"});
  } else {
    const Result<std::string> id = co_await vpcOfSubnets(api, subnets, patience);
    if (!id) {
      co_return id.error();
    }
    query.list("VpcId", {*id});
  }
  const Result<std::vector<Element>> found =
      co_await api.callForList(std::move(query), "vpcSet", patience);
  if (!found) {
    co_return asConfigured(found.error());
  }
  if (found->empty()) {
    co_return Error(ErrorKind::kInvalid,
                    "the account has no default VPC in this region: name subnets");
  }
  const Element& item = found->front();
  Vpc vpc{.id = item.at("vpcId"), .cidrs = {item.at("cidrBlock")}};
  for (const Element& each : item.items("cidrBlockAssociationSet")) {
    const std::string cidr = each.at("cidrBlock");
    if (std::find(vpc.cidrs.begin(), vpc.cidrs.end(), cidr) == vpc.cidrs.end()) {
      vpc.cidrs.push_back(cidr);
    }
  }
  co_return vpc;
}

Result<std::string> networkBlock(const std::string& text) {
  boost::system::error_code error;
  const auto v4 = boost::asio::ip::make_network_v4(text, error);
  if (!error) {
    return v4.canonical().to_string();
  }
  const auto v6 = boost::asio::ip::make_network_v6(text, error);
  if (!error) {
    return v6.canonical().to_string();
  }
  return Error(ErrorKind::kInvalid, "ssh_from: '" + text + "' is no network such as 192.0.2.0/24");
}

Result<std::string> addressBlock(const std::string& body) {
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  const std::size_t last = body.find_last_not_of(" \t\r\n");
  const std::string text = first == std::string::npos ? "" : body.substr(first, last - first + 1);
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(text, error);
  if (error || text.find('%') != std::string::npos || address.is_unspecified()) {
    return Error(ErrorKind::kSystem, "the answer is no address");
  }
  return address.to_string() + (address.is_v6() ? "/128" : "/32");
}

awaitable<Result<std::string>> ownAddress(http::Client& client, std::string url) {
  http::ClientRequest request;
  request.url = url;
  request.timeout = std::chrono::seconds(10);
  request.answer_bytes_max = kAddressBytesMax;
  const std::string what = "our own address, as " + url + " sees it (or name it: ssh_from)";
  const Result<http::ClientResponse> response = co_await client.send(std::move(request));
  if (!response) {
    co_return response.error().during(what);
  }
  if (response->status != 200) {
    co_return Error(ErrorKind::kSystem,
                    what + ": it answers with status " + std::to_string(response->status));
  }
  const Result<std::string> block = addressBlock(response->body);
  if (!block) {
    co_return block.error().during(what);
  }
  co_return block;
}

std::vector<IngressRule> ingressRulesOf(const Element& group) {
  std::vector<IngressRule> rules;
  for (const Element& item : group.items("ipPermissions")) {
    IngressRule rule;
    rule.protocol = item.at("ipProtocol");
    rule.from_port = portOf(item.at("fromPort"));
    rule.to_port = portOf(item.at("toPort"));
    for (const Element& each : item.items("ipRanges")) {
      rule.cidrs.push_back(each.at("cidrIp"));
    }
    for (const Element& each : item.items("ipv6Ranges")) {
      rule.cidrs.push_back(each.at("cidrIpv6"));
    }
    rules.push_back(std::move(rule));
  }
  return rules;
}

bool opensEverything(const std::vector<IngressRule>& rules) {
  return std::any_of(rules.begin(), rules.end(), [](const IngressRule& rule) {
    const bool all_ports = rule.protocol == kAll ||
                           (rule.protocol == kTcp && rule.from_port <= 1 && rule.to_port >= 65'535);
    return all_ports && std::any_of(rule.cidrs.begin(), rule.cidrs.end(), isEverybody);
  });
}

std::vector<std::string> missingBlocks(const std::vector<IngressRule>& rules,
                                       const GroupPlan& plan) {
  std::vector<std::string> missing;
  for (const std::string& cidr : plan.ssh_from) {
    if (std::none_of(rules.begin(), rules.end(),
                     [&](const IngressRule& rule) { return lets(rule, cidr, plan.ssh_port); })) {
      missing.push_back(cidr);
    }
  }
  return missing;
}

awaitable<Result<std::optional<Element>>> findGroup(Api& api, std::string name, Vpc vpc,
                                                    Patience patience) {
  const bool by_id = isGroupId(name);
  Query query("DescribeSecurityGroups");
  query.filter(by_id ? "group-id" : "group-name", {name});
  if (!by_id) {
    query.filter("vpc-id", {vpc.id});
  }
  const Result<std::vector<Element>> found =
      co_await api.callForList(std::move(query), "securityGroupInfo", patience);
  if (!found) {
    co_return found.error();
  }
  // '*' and '?' in a filter stand for more than themselves.
  const auto group = std::find_if(found->begin(), found->end(), [&](const Element& each) {
    return each.at(by_id ? "groupId" : "groupName") == name;
  });
  if (group != found->end()) {
    co_return *group;
  }
  if (by_id) {
    co_return Error(ErrorKind::kInvalid, "security_group: there is no group " + name);
  }
  co_return std::optional<Element>();
}

bool isGroupOf(const Element& group, const std::string& owner) {
  return tagIn(group, kOwnerTag) == owner;
}

awaitable<Result<std::string>> makeGroup(Api& api, GroupPlan plan, Vpc vpc, Patience patience) {
  Query query("CreateSecurityGroup");
  query.set("GroupName", plan.name)
      .set("GroupDescription", "ssh to the machines of jobs, from Tango alone")
      .set("VpcId", vpc.id)
      .tagsAtBirth("security-group", {{"Name", plan.name}, {kOwnerTag, plan.owner}});
  const Reply reply = co_await api.call(std::move(query), patience);
  if (!reply.ok()) {
    co_return reply.error();
  }
  const std::string id = reply.content->at("groupId");
  const Result<void> let_in = co_await letIn(api, id, plan.ssh_from, plan.ssh_port, patience);
  if (!let_in) {
    co_return let_in.error();
  }
  base::logInfo("ec2: made the security group " + plan.name + " (" + id + ")");
  co_return id;
}

awaitable<Result<std::string>> takeGroup(Api& api, GroupPlan plan, Element group,
                                         Patience patience) {
  const std::string id = group.at("groupId");
  const std::vector<IngressRule> rules = ingressRulesOf(group);
  if (opensEverything(rules)) {
    base::logWarning("ec2: the security group " + plan.name + " (" + id +
                     ") lets everybody in at every port of the machines of jobs");
  }
  const std::vector<std::string> missing = missingBlocks(rules, plan);
  if (isGroupOf(group, plan.owner) && !missing.empty()) {
    const Result<void> let_in = co_await letIn(api, id, missing, plan.ssh_port, patience);
    if (!let_in) {
      co_return let_in.error();
    }
  }
  co_return id;
}

}  // namespace tango::vmms::ec2
