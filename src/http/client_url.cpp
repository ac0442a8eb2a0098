#include <algorithm>
#include <charconv>

#include <boost/url/parse.hpp>

#include "base/ascii.hpp"
#include "http/client.hpp"

namespace tango::http {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::size_t kUrlBytesMax = 8 * 1024;
constexpr std::size_t kHostBytesMax = 253;
constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

Error wrong(const std::string& what) {
  return {ErrorKind::kInvalid, "the URL " + what};
}

bool isOfHostName(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '-' ||
         letter == '.' || letter == '_';
}

// Percent-encoding is refused with all else: decoded, it could hold a line's end, and the host
// stands in a header.
Result<std::string> hostOf(const boost::urls::url_view& view) {
  const std::string host = base::lowered(view.encoded_host_address());
  if (host.empty()) {
    return wrong("has no host");
  }
  switch (view.host_type()) {
    case boost::urls::host_type::ipv4:
    case boost::urls::host_type::ipv6:
      return host;
    case boost::urls::host_type::name:
      if (host.size() <= kHostBytesMax && std::all_of(host.begin(), host.end(), isOfHostName)) {
        return host;
      }
      break;
    default:
      break;
  }
  return wrong("has no possible host name");
}

Result<std::uint16_t> portOf(const boost::urls::url_view& view, std::uint16_t usual) {
  const std::string_view text = view.port();
  if (text.empty()) {
    return usual;
  }
  std::uint16_t port = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (failure != std::errc() || end != text.data() + text.size() || port == 0) {
    return wrong("has no possible port");
  }
  return port;
}

}  // namespace

Result<Url> parseUrl(const std::string& text) {
  if (text.size() > kUrlBytesMax) {
    return wrong("is too long");
  }
  const auto parsed = boost::urls::parse_uri(text);
  if (!parsed) {
    return wrong("is not a URL");
  }
  const boost::urls::url_view& view = *parsed;
  // Boost 1.81 lets the host or the port end in the middle: "http://1.2.3.4x/", "http://host:8o/".
  const std::string_view path = view.encoded_path();
  if (!path.empty() && !path.starts_with('/')) {
    return wrong("is not a URL");
  }
  Url url;
  url.tls = view.scheme_id() == boost::urls::scheme::https;
  if (!url.tls && view.scheme_id() != boost::urls::scheme::http) {
    return wrong("is neither http nor https");
  }
  if (view.has_userinfo()) {
    return wrong("has a user name in it");
  }
  Result<std::string> host = hostOf(view);
  if (!host) {
    return host.error();
  }
  const Result<std::uint16_t> port = portOf(view, url.tls ? kHttpsPort : kHttpPort);
  if (!port) {
    return port.error();
  }
  url.host = *std::move(host);
  url.port = *port;
  url.target = std::string(view.encoded_target());
  if (!url.target.starts_with('/')) {
    url.target.insert(0, "/");
  }
  return url;
}

std::string percentEncoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  constexpr std::string_view kPlain = "-._~";
  std::string encoded;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool alphanumeric = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                              (byte >= 'a' && byte <= 'z');
    if (alphanumeric || kPlain.find(letter) != std::string_view::npos) {
      encoded += letter;
    } else {
      encoded += '%';
      encoded += kDigits[byte >> 4];
      encoded += kDigits[byte & 15U];
    }
  }
  return encoded;
}

}  // namespace tango::http
