#include "config/keys.hpp"

#include <array>
#include <cerrno>

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/unique_fd.hpp"
#include "config/document.hpp"
#include "config/field.hpp"

namespace tango::config {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::systemError;

constexpr std::size_t kKeyFileBytesMax = 64 * 1024;

std::string_view trimmed(std::string_view line) {
  constexpr std::string_view kBlanks = " \t\r";
  const std::size_t begin = line.find_first_not_of(kBlanks);
  const std::size_t end = line.find_last_not_of(kBlanks);
  return begin == std::string_view::npos ? "" : line.substr(begin, end - begin + 1);
}

}  // namespace

bool isLoopback(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  }
  if (host.find('\0') != std::string_view::npos) {  // inet_pton stops there
    return false;
  }
  const std::string text(host);
  in_addr v4{};
  in6_addr v6{};
  if (::inet_pton(AF_INET, text.c_str(), &v4) == 1) {
    return (ntohl(v4.s_addr) >> 24) == 127;
  }
  if (::inet_pton(AF_INET6, text.c_str(), &v6) == 1) {
    return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
  }
  return text == "localhost";
}

std::string weaknessOf(std::string_view key) {
  if (key == "test") {
    return "it is `test`, which everybody knows";
  }
  if (key.size() < kKeyBytesMin) {
    return "it has fewer than " + std::to_string(kKeyBytesMin) + " characters";
  }
  return "";
}

Result<std::string> readSmallFile(const std::string& path, std::size_t bytes_max) {
  const base::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status{};
  if (!file || ::fstat(file.get(), &status) != 0) {
    return systemError(errno, "open " + path);
  }
  if (!S_ISREG(status.st_mode)) {
    return Error(ErrorKind::kInvalid, path + " is not a regular file");
  }
  std::string bytes;
  std::array<char, 16 * 1024> buffer{};
  while (true) {
    const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return systemError(errno, "read " + path);
    }
    if (got == 0) {
      return bytes;
    }
    bytes.append(buffer.data(), static_cast<std::size_t>(got));
    if (bytes.size() > bytes_max) {
      return Error(ErrorKind::kTooLarge,
                   path + " has more than " + std::to_string(bytes_max) + " bytes");
    }
  }
}

Result<std::vector<std::string>> readKeyFile(const std::string& path) {
  const Result<std::string> text = readSmallFile(path, kKeyFileBytesMax);
  if (!text) {
    return text.error();
  }
  std::vector<std::string> keys;
  std::size_t number = 0;
  for (std::size_t at = 0; at < text->size(); ++at) {
    const std::size_t end = std::min(text->find('\n', at), text->size());
    const std::string_view line = trimmed(std::string_view(*text).substr(at, end - at));
    at = end;
    ++number;
    if (line.empty() || line.starts_with('#')) {
      continue;
    }
    if (!isName(line)) {
      return Error(ErrorKind::kInvalid,
                   atLine(path, number, "a key is at most 255 bytes without control characters"));
    }
    keys.emplace_back(line);
  }
  if (keys.empty()) {
    return Error(ErrorKind::kInvalid, path + " has no key in it");
  }
  return keys;
}

}  // namespace tango::config
