#include "api/v1/capacity_json.hpp"

#include <boost/json/value.hpp>

#include "api/v1/limits_json.hpp"

namespace tango::api::v1 {
namespace {

using boost::json::object;
using boost::json::value;

value cpusJson(std::uint64_t millis) {
  return quotientJson(static_cast<std::int64_t>(millis), 1000);
}

value boundJson(std::uint64_t bound, value shown) {
  return bound > 0 ? std::move(shown) : value(nullptr);
}

}  // namespace

object capacityJson(const vmms::Capacity& capacity) {
  return {{"cpus", boundJson(capacity.cpu_millis, cpusJson(capacity.cpu_millis))},
          {"memory_bytes", boundJson(capacity.memory_bytes, capacity.memory_bytes)},
          {"vms", boundJson(capacity.vms, capacity.vms)}};
}

object usedJson(const vmms::Capacity& used) {
  return {
      {"cpus", cpusJson(used.cpu_millis)}, {"memory_bytes", used.memory_bytes}, {"vms", used.vms}};
}

}  // namespace tango::api::v1
