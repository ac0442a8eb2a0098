#include "vmms/ec2/host_keys.hpp"

#include <algorithm>
#include <array>

namespace tango::vmms::ec2 {
namespace {

constexpr std::string_view kBegin = "-----BEGIN SSH HOST KEY KEYS-----";
constexpr std::string_view kEnd = "-----END SSH HOST KEY KEYS-----";
constexpr auto kTypes =
    std::to_array<std::string_view>({"ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256",
                                     "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"});
constexpr std::size_t kKeysMax = 16;

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";

// The key in one line; "": there is none.
std::string keyIn(std::string_view line) {
  for (const std::string_view type : kTypes) {
    const std::size_t at = line.find(std::string(type) + " ");
    if (at == std::string_view::npos || (at > 0 && line[at - 1] != ' ')) {
      continue;
    }
    const std::string_view rest = line.substr(at + type.size() + 1);
    const std::string_view blob = rest.substr(0, rest.find_first_not_of(kBase64));
    return blob.empty() ? "" : std::string(type) + " " + std::string(blob);
  }
  return "";
}

}  // namespace

std::vector<std::string> hostKeysIn(std::string_view console) {
  const std::size_t end = console.rfind(kEnd);
  const std::size_t begin =
      end == std::string_view::npos ? end : console.substr(0, end).rfind(kBegin);
  std::vector<std::string> keys;
  if (begin == std::string_view::npos) {
    return keys;
  }
  std::string_view between = console.substr(begin + kBegin.size(), end - begin - kBegin.size());
  while (!between.empty() && keys.size() < kKeysMax) {
    const std::size_t line_end = std::min(between.find('\n'), between.size());
    std::string key = keyIn(between.substr(0, line_end));
    if (!key.empty()) {
      keys.push_back(std::move(key));
    }
    between.remove_prefix(std::min(line_end + 1, between.size()));
  }
  return keys;
}

}  // namespace tango::vmms::ec2
