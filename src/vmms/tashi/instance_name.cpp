#include "vmms/tashi/instance_name.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string_view>

#include "base/hex.hpp"
#include "http/client.hpp"

namespace tango::vmms::tashi {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr const char* kOwnerHint = "tango_owner";
constexpr const char* kPrefixHint = "tango_prefix";
constexpr const char* kIdHint = "tango_id";
constexpr const char* kImageHint = "tango_image";

constexpr bool isLetterOrDigit(char each) {
  return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') ||
         (each >= '0' && each <= '9');
}

// FNV-1a, of 32 bits.
std::string checksumOf(std::string_view text) {
  std::uint32_t sum = 2'166'136'261U;
  for (const char each : text) {
    sum = (sum ^ static_cast<unsigned char>(each)) * 16'777'619U;
  }
  std::array<unsigned char, 4> bytes{};
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    bytes.at(at) = static_cast<unsigned char>(sum >> (24 - 8 * at) & 0xffU);
  }
  return base::hexOf(bytes);
}

std::optional<std::string> percentDecoded(std::string_view text) {
  std::string bytes;
  while (!text.empty()) {
    if (text.front() != '%') {
      bytes.push_back(text.front());
      text.remove_prefix(1);
      continue;
    }
    const auto high = text.size() < 3 ? std::nullopt : base::hexDigit(text[1]);
    const auto low = text.size() < 3 ? std::nullopt : base::hexDigit(text[2]);
    if (!high || !low) {
      return std::nullopt;
    }
    bytes.push_back(static_cast<char>(*high << 4 | *low));
    text.remove_prefix(3);
  }
  return bytes;
}

std::string hint(const Hints& hints, const char* name) {
  const auto found = hints.find(name);
  return found == hints.end() ? "" : found->second;
}

}  // namespace

std::string hostNameOf(const model::VmName& name) {
  const std::string text = name.text();
  std::string host = text;
  std::replace_if(host.begin(), host.end(), [](char each) { return !isLetterOrDigit(each); }, '-');
  if (host.size() > kHostNameMax) {
    const std::string sum = "-" + checksumOf(text);
    host = host.substr(0, kHostNameMax - sum.size()) + sum;
  }
  return host;
}

Result<void> checkOwner(const std::string& owner) {
  constexpr std::size_t kOwnerMax = 64;
  const bool fits = !owner.empty() && owner.size() <= kOwnerMax &&
                    std::all_of(owner.begin(), owner.end(), [](char each) {
                      return isLetterOrDigit(each) || each == '.' || each == '_' || each == '-';
                    });
  return fits ? Result<void>()
              : Error(ErrorKind::kInvalid,
                      "tashiSSH: an owner is 1 to 64 letters, digits, '.', '_' and '-'");
}

Hints hintsOf(const std::string& owner, const model::VmName& name) {
  return {{kOwnerHint, owner},
          {kPrefixHint, http::percentEncoded(name.prefix)},
          {kIdHint, std::to_string(name.id)},
          {kImageHint, http::percentEncoded(name.image)}};
}

std::optional<model::VmName> nameIn(const Hints& hints, const std::string& owner) {
  const std::string id_text = hint(hints, kIdHint);
  std::int64_t id = 0;
  const char* const end = id_text.data() + id_text.size();
  const auto [stop, failure] = std::from_chars(id_text.data(), end, id);
  std::optional<std::string> prefix = percentDecoded(hint(hints, kPrefixHint));
  std::optional<std::string> image = percentDecoded(hint(hints, kImageHint));
  const bool ours = hint(hints, kOwnerHint) == owner;
  if (!ours || failure != std::errc() || stop != end || !prefix || !image) {
    return std::nullopt;
  }
  return model::VmName{*std::move(prefix), id, *std::move(image)};
}

}  // namespace tango::vmms::tashi
