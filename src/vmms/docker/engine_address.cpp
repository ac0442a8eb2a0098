#include "vmms/docker/engine_address.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>

#include <sys/un.h>

#include "base/ascii.hpp"
#include "http/client.hpp"

namespace tango::vmms::docker {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::string_view kUnix = "unix://";
constexpr std::string_view kTcp = "tcp://";
constexpr std::string_view kSsh = "ssh://";
constexpr std::uint16_t kTcpPort = 2375;
constexpr std::uint16_t kTlsPort = 2376;

// The address itself is not told: who takes it for a URL may have put a password into it.
Error wrong(const std::string& what) {
  return {ErrorKind::kInvalid, "the address of the Docker engine " + what};
}

struct HostPort {
  std::string host;  ///< without brackets
  std::uint16_t port = 0;
};

Result<std::uint16_t> parsePort(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (failure != std::errc() || end != text.data() + text.size() || port == 0) {
    return wrong("has no possible port");
  }
  return port;
}

// HOST, HOST:PORT, [IPV6] or [IPV6]:PORT.
Result<HostPort> parseHostPort(std::string_view text, std::uint16_t usual_port) {
  if (text.find_first_of("/?#") != std::string_view::npos) {
    return wrong("has a path, which it cannot have");
  }
  const bool bracketed = text.starts_with('[');
  const std::size_t closing = bracketed ? text.find(']') : 0;
  if (closing == std::string_view::npos) {
    return wrong("has a '[' without its ']'");
  }
  const std::size_t colon = text.find(':', closing);
  const std::string_view name = text.substr(0, colon);
  const std::string_view host = bracketed ? text.substr(1, closing - 1) : name;
  if (bracketed && (name.size() != closing + 1 || host.find(':') == std::string_view::npos)) {
    return wrong("has no IPv6 address between its brackets");
  }
  if (host.empty()) {
    return wrong("has no host");
  }
  if (colon == std::string_view::npos) {
    return HostPort{std::string(host), usual_port};
  }
  const Result<std::uint16_t> port = parsePort(text.substr(colon + 1));
  if (!port) {
    return port.error();
  }
  return HostPort{std::string(host), *port};
}

std::string bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : '[' + host + ']';
}

Result<EngineAddress> parseUnix(std::string_view path) {
  if (!path.starts_with('/') || path.ends_with('/')) {
    return wrong("is not unix:// with the whole path of a socket");
  }
  if (std::any_of(path.begin(), path.end(), base::isControl)) {
    return wrong("has a control character in it");
  }
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    return wrong("is too long for a socket's path");
  }
  EngineAddress address;
  address.socket = path;
  return address;
}

Result<EngineAddress> parseTcp(std::string_view rest, bool tls) {
  const Result<HostPort> at = parseHostPort(rest, tls ? kTlsPort : kTcpPort);
  if (!at) {
    return at.error();
  }
  EngineAddress address;
  address.way = EngineAddress::Way::kTcp;
  address.url = (tls ? "https://" : "http://") + bracketed(base::lowered(at->host)) + ':' +
                std::to_string(at->port);
  if (!http::parseUrl(address.url)) {
    return wrong("has no possible host name");
  }
  return address;
}

Result<EngineAddress> parseSsh(std::string_view rest) {
  EngineAddress address;
  address.way = EngineAddress::Way::kSsh;
  const std::size_t at = rest.rfind('@');
  if (at != std::string_view::npos) {
    const std::string_view user = rest.substr(0, at);
    if (user.empty()) {
      return wrong("has a '@' without a user");
    }
    if (user.find(':') != std::string_view::npos) {
      return wrong("has a password in it; ssh has its keys");
    }
    address.ssh.user = user;
    rest.remove_prefix(at + 1);
  }
  Result<HostPort> host = parseHostPort(rest, 0);
  if (!host) {
    return host.error();
  }
  address.ssh.host = std::move(host->host);
  address.ssh.port = host->port;
  const Result<void> good = ssh::checkTarget(address.ssh);
  if (!good) {
    return wrong("is no good: " + good.error().message());
  }
  return address;
}

}  // namespace

std::string EngineAddress::text() const {
  switch (way) {
    case Way::kUnix:
      return std::string(kUnix) + socket;
    case Way::kTcp:
      return std::string(kTcp) + url.substr(url.find("://") + 3);
    case Way::kSsh:
      break;
  }
  return std::string(kSsh) + (ssh.user.empty() ? "" : ssh.user + '@') + bracketed(ssh.host) +
         (ssh.port == 0 ? "" : ':' + std::to_string(ssh.port));
}

Result<EngineAddress> parseEngineAddress(const std::string& text, bool tls) {
  const std::string_view whole = text;
  if (whole.starts_with(kUnix)) {
    return parseUnix(whole.substr(kUnix.size()));
  }
  if (whole.starts_with(kTcp)) {
    return parseTcp(whole.substr(kTcp.size()), tls);
  }
  if (whole.starts_with(kSsh)) {
    return parseSsh(whole.substr(kSsh.size()));
  }
  return wrong("begins with none of unix://, tcp:// and ssh://");
}

}  // namespace tango::vmms::docker
