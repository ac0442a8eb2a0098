#include "http/client_head.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/ascii.hpp"

namespace tango::http {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

// RFC 9110, section 5.6.2.
bool isToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char each) {
    return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') ||
           (each >= '0' && each <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(each) != std::string_view::npos;
  });
}

bool hasControlCharacter(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char each) { return base::isControl(each) && each != '\t'; });
}

bool isOurs(std::string_view name) {
  static constexpr std::array<std::string_view, 5> kOurs = {"host", "connection", "upgrade",
                                                            "content-length", "transfer-encoding"};
  return std::find(kOurs.begin(), kOurs.end(), base::lowered(name)) != kOurs.end();
}

Result<void> checkHeader(const std::string& name, const std::string& value) {
  if (!isToken(name)) {
    return Error(ErrorKind::kInvalid, "a header's name has a character that it cannot have");
  }
  if (isOurs(name)) {
    return Error(ErrorKind::kInvalid, "the header " + name + " is the client's to set");
  }
  if (hasControlCharacter(value)) {
    return Error(ErrorKind::kInvalid, "the header " + name + " has a control character in it");
  }
  return {};
}

}  // namespace

std::uint64_t bytesOf(const BodyPart& part) {
  return part.file ? part.file_bytes : part.bytes.size();
}

Result<std::string> headOf(const ClientRequest& request, const Url& url,
                           const std::string& protocol) {
  if (!isToken(request.method)) {
    return Error(ErrorKind::kInvalid, "the method is none");
  }
  if (!protocol.empty() && !isToken(protocol)) {
    return Error(ErrorKind::kInvalid, "the protocol to switch to is none");
  }
  const bool v6 = url.host.find(':') != std::string::npos;
  const bool usual = url.port == (url.tls ? kHttpsPort : kHttpPort);
  std::string head = request.method + " " + url.target +
                     " HTTP/1.1\r\nHost: " + (v6 ? "[" + url.host + "]" : url.host) +
                     (usual ? "" : ":" + std::to_string(url.port)) + "\r\nUser-Agent: tango\r\n";
  for (const auto& [name, value] : request.headers) {
    const Result<void> good = checkHeader(name, value);
    if (!good) {
      return good.error();
    }
    head.append(name).append(": ").append(value).append("\r\n");
  }
  if (!protocol.empty()) {
    head.append("Connection: Upgrade\r\nUpgrade: ").append(protocol).append("\r\n");
  }
  std::uint64_t bytes = 0;
  for (const BodyPart& part : request.body) {
    bytes += bytesOf(part);
  }
  // RFC 9110, section 8.6: without a body, only where the method foresees one.
  if (bytes > 0 || request.method == "POST" || request.method == "PUT" ||
      request.method == "PATCH") {
    head.append("Content-Length: ").append(std::to_string(bytes)).append("\r\n");
  }
  return head.append("\r\n");
}

}  // namespace tango::http
