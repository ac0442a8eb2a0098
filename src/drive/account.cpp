#include "drive/account.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <vector>

namespace tango::drive {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::uint64_t kUidMax = std::numeric_limits<std::uint32_t>::max() - 1;  // -1 is no uid

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(end + 1);
  }
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const auto parsed = std::from_chars(begin, end, value);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != end) {
    return std::nullopt;
  }
  return value;
}

std::optional<std::uint32_t> id(std::string_view text) {
  const std::optional<std::uint64_t> value = number(text);
  return value && *value <= kUidMax ? std::optional(static_cast<std::uint32_t>(*value))
                                    : std::nullopt;
}

// The last uid of a line "inside outside count" of uid_map(5).
std::optional<std::uint64_t> lastMapped(std::string_view line) {
  std::vector<std::uint64_t> numbers;
  for (const std::string_view word : split(line, ' ')) {
    if (const auto value = number(word)) {
      numbers.push_back(*value);
    }
  }
  if (numbers.size() != 3 || numbers[2] == 0) {
    return std::nullopt;
  }
  return std::min(numbers[0] + numbers[2] - 1, kUidMax);
}

std::set<std::uint64_t> usedIds(std::string_view passwd) {
  std::set<std::uint64_t> used;
  for (const std::string_view line : split(passwd, '\n')) {
    const std::vector<std::string_view> fields = split(line, ':');
    if (const auto uid = fields.size() > 2 ? number(fields[2]) : std::nullopt) {
      used.insert(*uid);
    }
  }
  return used;
}

}  // namespace

Result<Account> findAccount(std::string_view passwd, std::string_view name) {
  for (const std::string_view line : split(passwd, '\n')) {
    const std::vector<std::string_view> fields = split(line, ':');
    if (fields.front() != name) {
      continue;
    }
    const std::string what = "user " + std::string(name) + " in /etc/passwd ";
    const auto uid = fields.size() == 7 ? id(fields[2]) : std::nullopt;
    const auto gid = fields.size() == 7 ? id(fields[3]) : std::nullopt;
    if (!uid || !gid) {
      return Error(ErrorKind::kUnsupported, what + "has a line that is not as in passwd(5)");
    }
    if (*uid == 0 || *gid == 0) {
      return Error(ErrorKind::kUnsupported, what + "has the rights of root");
    }
    if (!fields[5].starts_with('/') || fields[5] == "/") {
      return Error(ErrorKind::kUnsupported, what + "has no home folder");
    }
    return Account{std::string(name), *uid, *gid, std::string(fields[5]), std::string(fields[6])};
  }
  return Error(ErrorKind::kNotFound, "there is no user " + std::string(name) +
                                         " in /etc/passwd: the image must have one");
}

bool isTaken(std::string_view passwd, uid_t uid) {
  return usedIds(passwd).contains(uid);
}

uid_t unusedUid(std::string_view uid_map, std::string_view passwd) {
  std::uint64_t highest = 0;
  for (const std::string_view line : split(uid_map, '\n')) {
    highest = std::max(highest, lastMapped(line).value_or(0));
  }
  std::uint64_t unused = highest == 0 ? kUidMax : highest;
  const std::set<std::uint64_t> used = usedIds(passwd);
  while (unused > 1 && used.contains(unused)) {
    --unused;
  }
  return static_cast<uid_t>(unused);
}

}  // namespace tango::drive
