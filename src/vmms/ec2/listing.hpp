// DescribeInstances: which instances are ours, and how each of them is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "vmms/ec2/api.hpp"
#include "vmms/remote/cloud.hpp"

namespace tango::vmms::ec2 {

/// By what ours are told from others.
struct Ownership {
  std::string owner;           ///< the tag's value
  std::string reservation_id;  ///< nothing of it is ours, whatever its tags; "": none
  bool use_private_address = false;
};

struct Listed {
  remote::Instance instance;
  bool costs = true;  ///< it counts against instances_max: neither terminated nor about to be
};

/// Those of a DescribeInstances answer's reservations that are ours.
[[nodiscard]] std::vector<Listed> instancesIn(const std::vector<Element>& reservations,
                                              const Ownership& ownership);

/// All that are not terminated.
awaitable<Result<std::vector<Listed>>> listInstances(Api& api, Ownership ownership,
                                                     Patience patience);

/// Those with the ids in `ids` that EC2 knows, whatever their state.
awaitable<Result<std::vector<Listed>>> lookAtInstances(Api& api, Ownership ownership,
                                                       std::vector<std::string> ids,
                                                       Patience patience);

/// The id of the instance that was made for a client token; nothing: none is known (yet).
awaitable<Result<std::optional<std::string>>> findByToken(Api& api, Ownership ownership,
                                                          std::string token, Patience patience);

}  // namespace tango::vmms::ec2
