#include "vmms/ec2/instance_types.hpp"

#include <algorithm>
#include <charconv>

#include "vmms/capacity.hpp"
#include "vmms/ec2/machine_images.hpp"

namespace tango::vmms::ec2 {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::uint64_t kMib = std::uint64_t{1} << 20;
constexpr std::uint64_t kMibMax = std::uint64_t{1} << 32;

std::uint64_t numberOf(const std::string& text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

InstanceType instanceTypeOf(const Element& item) {
  InstanceType type;
  type.name = item.at("instanceType");
  type.cores = numberOf(item.at("vCpuInfo/defaultVCpus"));
  type.memory_bytes = std::min(numberOf(item.at("memoryInfo/sizeInMiB")), kMibMax) * kMib;
  for (const Element& each : item.child("processorInfo").items("supportedArchitectures")) {
    type.architectures.push_back(each.text);
  }
  return type;
}

const InstanceType* find(const std::vector<InstanceType>& known, const std::string& name) {
  const auto found = std::find_if(known.begin(), known.end(),
                                  [&name](const auto& each) { return each.name == name; });
  return found == known.end() ? nullptr : &*found;
}

bool runsOurs(const InstanceType& type) {
  return std::find(type.architectures.begin(), type.architectures.end(), ownArchitecture()) !=
         type.architectures.end();
}

std::string sizeText(const model::MachineSpec& spec) {
  const Capacity share = shareOf(spec);
  return std::to_string((share.cpu_millis + 999) / 1000) + " cores and " +
         std::to_string(spec.memory_bytes / kMib) + " MiB of memory (beside " +
         std::to_string(kSystemMemoryBytes / kMib) + " MiB for its system)";
}

}  // namespace

std::vector<std::string> defaultTypes() {
  if (ownArchitecture() == "arm64") {
    return {"t4g.micro",   "t4g.small",   "t4g.medium",  "t4g.large",
            "m7g.large",   "t4g.xlarge",  "m7g.xlarge",  "t4g.2xlarge",
            "m7g.2xlarge", "m7g.4xlarge", "m7g.8xlarge", "m7g.16xlarge"};
  }
  return {"t3.micro",    "t3.small",    "t3.medium",   "t3.large",    "m7i.large",
          "m6i.large",   "t3.xlarge",   "m7i.xlarge",  "m6i.xlarge",  "t3.2xlarge",
          "m7i.2xlarge", "m6i.2xlarge", "m7i.4xlarge", "m7i.8xlarge", "m7i.16xlarge"};
}

std::vector<InstanceType> instanceTypesOf(const std::vector<Element>& items) {
  std::vector<InstanceType> types;
  std::transform(items.begin(), items.end(), std::back_inserter(types), instanceTypeOf);
  return types;
}

awaitable<Result<std::vector<InstanceType>>> findInstanceTypes(Api& api,
                                                               std::vector<std::string> names,
                                                               Patience patience) {
  // By a filter: a name that the region has not got would fail a request for it as a whole.
  Query query("DescribeInstanceTypes");
  query.filter("instance-type", names);
  const Result<std::vector<Element>> items =
      co_await api.callForList(std::move(query), "instanceTypeSet", patience);
  if (!items) {
    co_return items.error();
  }
  const std::vector<InstanceType> found = instanceTypesOf(*items);
  std::vector<InstanceType> in_order;
  for (const std::string& name : names) {
    if (const InstanceType* const type = find(found, name)) {
      in_order.push_back(*type);
    }
  }
  co_return in_order;
}

bool isLargeEnough(const InstanceType& type, const model::MachineSpec& spec) {
  return type.cores * 1000 >= shareOf(spec).cpu_millis && type.memory_bytes >= kSystemMemoryBytes &&
         type.memory_bytes - kSystemMemoryBytes >= spec.memory_bytes;
}

Result<std::vector<std::string>> typesToTry(const std::vector<InstanceType>& known,
                                            const std::string& named,
                                            const std::vector<std::string>& types, bool types_given,
                                            const model::MachineSpec& spec) {
  std::vector<std::string> all;
  if (!named.empty()) {
    const InstanceType* const type = find(known, named);
    if (type == nullptr) {
      return Error(ErrorKind::kInvalid, "this region has no instances of the type " + named);
    }
    if (!runsOurs(*type)) {
      return Error(ErrorKind::kUnsupported, "instances of the type " + named +
                                                " cannot run our autodriver, which is for " +
                                                ownArchitecture());
    }
    all.push_back(named);
    if (!types_given) {
      return all;
    }
  }
  for (const std::string& name : types) {
    const InstanceType* const type = find(known, name);
    if (name != named && type != nullptr && runsOurs(*type) && isLargeEnough(*type, spec)) {
      all.push_back(name);
    }
  }
  if (all.empty()) {
    return Error(ErrorKind::kTooLarge,
                 "no type of instance that is configured has " + sizeText(spec));
  }
  return all;
}

}  // namespace tango::vmms::ec2
