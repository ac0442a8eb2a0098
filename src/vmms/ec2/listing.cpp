#include "vmms/ec2/listing.hpp"

#include <algorithm>

#include "vmms/ec2/tags.hpp"

namespace tango::vmms::ec2 {
namespace {

using State = remote::Instance::State;

// As many as EC2 gives at once.
constexpr const char* kPageSize = "1000";
constexpr std::size_t kIdsMax = 200;  // values of one filter

Query describe(const Ownership& ownership) {
  Query query("DescribeInstances");
  query.set("MaxResults", kPageSize).filter(std::string("tag:") + kOwnerTag, {ownership.owner});
  return query;
}

// A stopped one is of no use: what we make terminates when it shuts down, and somebody else has
// stopped it.
State stateOf(const std::string& name) {
  if (name == "running") {
    return State::kRunning;
  }
  if (name == "pending") {
    return State::kPending;
  }
  return name == "terminated" ? State::kGone : State::kLeaving;
}

// "Server.SpotInstanceTermination: Spot instance termination", or what a person wrote.
std::string reasonOf(const Element& item) {
  const std::string code = item.at("stateReason/code");
  const std::string message = item.at("stateReason/message");
  if (message.empty()) {
    return code.empty() ? item.at("reason") : code;
  }
  return message.starts_with(code) ? message : code + ": " + message;
}

std::optional<Listed> listedOf(const Element& item, const Ownership& ownership) {
  if (tagIn(item, kOwnerTag) != ownership.owner || item.at("instanceId").empty() ||
      item.at("instanceId") == ownership.reservation_id) {
    return std::nullopt;
  }
  std::optional<model::VmName> name = nameIn(item);
  if (!name) {
    return std::nullopt;
  }
  const std::string state = item.at("instanceState/name");
  Listed listed;
  listed.instance.id = item.at("instanceId");
  listed.instance.name = *std::move(name);
  listed.instance.state = stateOf(state);
  listed.instance.address =
      item.at(ownership.use_private_address ? "privateIpAddress" : "ipAddress");
  if (listed.instance.state == State::kLeaving || listed.instance.state == State::kGone) {
    listed.instance.reason = reasonOf(item);
  }
  listed.costs = state != "terminated" && state != "shutting-down";
  return listed;
}

}  // namespace

std::vector<Listed> instancesIn(const std::vector<Element>& reservations,
                                const Ownership& ownership) {
  std::vector<Listed> all;
  for (const Element& reservation : reservations) {
    if (!ownership.reservation_id.empty() &&
        reservation.at("reservationId") == ownership.reservation_id) {
      continue;
    }
    for (const Element& item : reservation.items("instancesSet")) {
      if (std::optional<Listed> listed = listedOf(item, ownership)) {
        all.push_back(*std::move(listed));
      }
    }
  }
  return all;
}

awaitable<Result<std::vector<Listed>>> listInstances(Api& api, Ownership ownership,
                                                     Patience patience) {
  Query query = describe(ownership);
  query.filter("instance-state-name",
               {"pending", "running", "shutting-down", "stopping", "stopped"});
  const Result<std::vector<Element>> reservations =
      co_await api.callForList(std::move(query), "reservationSet", patience);
  if (!reservations) {
    co_return reservations.error();
  }
  co_return instancesIn(*reservations, ownership);
}

awaitable<Result<std::vector<Listed>>> lookAtInstances(Api& api, Ownership ownership,
                                                       std::vector<std::string> ids,
                                                       Patience patience) {
  std::vector<Listed> all;
  for (std::size_t first = 0; first < ids.size(); first += kIdsMax) {
    const auto begin = ids.begin() + static_cast<std::ptrdiff_t>(first);
    const auto size = static_cast<std::ptrdiff_t>(std::min(kIdsMax, ids.size() - first));
    // By a filter: an id that is not known (yet) would fail a request for it as a whole.
    Query query = describe(ownership);
    query.filter("instance-id", {begin, begin + size});
    const Result<std::vector<Element>> reservations =
        co_await api.callForList(std::move(query), "reservationSet", patience);
    if (!reservations) {
      co_return reservations.error();
    }
    for (Listed& each : instancesIn(*reservations, ownership)) {
      all.push_back(std::move(each));
    }
  }
  co_return all;
}

awaitable<Result<std::optional<std::string>>> findByToken(Api& api, Ownership ownership,
                                                          std::string token, Patience patience) {
  Query query = describe(ownership);
  query.filter("client-token", {token});
  const Result<std::vector<Element>> reservations =
      co_await api.callForList(std::move(query), "reservationSet", patience);
  if (!reservations) {
    co_return reservations.error();
  }
  const std::vector<Listed> found = instancesIn(*reservations, ownership);
  co_return found.empty() ? std::nullopt : std::optional(found.front().instance.id);
}

}  // namespace tango::vmms::ec2
