#include "vmms/docker/free_id.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace tango::vmms::docker {
namespace {

constexpr std::uint32_t kHighest = 65533;

/// The numbers in the field `index` of every line.
void addNumbers(std::set<std::uint32_t>& numbers, std::string_view text, int index) {
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    for (int field = 0; field < index && !line.empty(); ++field) {
      line.remove_prefix(std::min(line.size(), line.substr(0, line.find(':')).size() + 1));
    }
    std::uint32_t number = 0;
    const auto parsed = std::from_chars(line.data(), line.data() + line.size(), number);
    if (parsed.ec == std::errc()) {
      numbers.insert(number);
    }
  }
}

}  // namespace

std::uint32_t freeId(std::string_view passwd, std::string_view group) {
  std::set<std::uint32_t> taken;
  addNumbers(taken, passwd, 2);
  addNumbers(taken, passwd, 3);
  addNumbers(taken, group, 2);
  std::uint32_t id = kHighest;
  while (id > 1 && taken.contains(id)) {
    --id;
  }
  return id;
}

}  // namespace tango::vmms::docker
