#include "vmms/capacity.hpp"

namespace tango::vmms {
namespace {

constexpr std::uint64_t kOneCore = 1000;

bool fitsOne(std::uint64_t capacity, std::uint64_t used, std::uint64_t more) {
  return capacity == 0 || (more <= capacity && used <= capacity - more);
}

std::uint64_t sumOfBounds(std::uint64_t one, std::uint64_t other) {
  return one == 0 || other == 0 ? 0 : one + other;
}

}  // namespace

Capacity shareOf(const model::MachineSpec& machine) {
  return {machine.cpu_millis > 0 ? machine.cpu_millis : kOneCore, machine.memory_bytes, 1};
}

Capacity plus(const Capacity& one, const Capacity& other) {
  return {one.cpu_millis + other.cpu_millis, one.memory_bytes + other.memory_bytes,
          one.vms + other.vms};
}

Capacity minus(const Capacity& one, const Capacity& other) {
  return {one.cpu_millis - other.cpu_millis, one.memory_bytes - other.memory_bytes,
          one.vms - other.vms};
}

bool fits(const Capacity& capacity, const Capacity& used, const Capacity& more) {
  return fitsOne(capacity.cpu_millis, used.cpu_millis, more.cpu_millis) &&
         fitsOne(capacity.memory_bytes, used.memory_bytes, more.memory_bytes) &&
         fitsOne(capacity.vms, used.vms, more.vms);
}

Capacity sumOfBounds(const Capacity& one, const Capacity& other) {
  return {sumOfBounds(one.cpu_millis, other.cpu_millis),
          sumOfBounds(one.memory_bytes, other.memory_bytes), sumOfBounds(one.vms, other.vms)};
}

}  // namespace tango::vmms
