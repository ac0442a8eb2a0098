// Types of instances: how large each is, and which are tried for a VM.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/machine_spec.hpp"
#include "vmms/ec2/api.hpp"

namespace tango::vmms::ec2 {

struct InstanceType {
  std::string name;
  std::uint64_t cores = 0;  ///< as EC2 counts them (vCPUs)
  std::uint64_t memory_bytes = 0;
  std::vector<std::string> architectures;
};

/// Memory of an instance that its own system needs: the rest is for the job.
inline constexpr std::uint64_t kSystemMemoryBytes = std::uint64_t{384} << 20;

/// Current generations for our architecture, from small to large.
[[nodiscard]] std::vector<std::string> defaultTypes();

/// The items of a DescribeInstanceTypes answer.
[[nodiscard]] std::vector<InstanceType> instanceTypesOf(const std::vector<Element>& items);

/// Those of `names` that the region has, in that order. (It has none is not an error.)
awaitable<Result<std::vector<InstanceType>>> findInstanceTypes(Api& api,
                                                               std::vector<std::string> names,
                                                               Patience patience);

/// Whether a VM of `spec` fits on it, beside its system.
[[nodiscard]] bool isLargeEnough(const InstanceType& type, const model::MachineSpec& spec);

/// The names of the types to try for `spec`, the first choice first: `named` alone (whatever its
/// size; then `types` behind it only if `types_given`, by whom configures), or those of `types`
/// that are large enough. kUnsupported: `named` is for another architecture; kTooLarge: all are
/// too small; kInvalid: the region has not got `named`.
[[nodiscard]] Result<std::vector<std::string>> typesToTry(const std::vector<InstanceType>& known,
                                                          const std::string& named,
                                                          const std::vector<std::string>& types,
                                                          bool types_given,
                                                          const model::MachineSpec& spec);

}  // namespace tango::vmms::ec2
