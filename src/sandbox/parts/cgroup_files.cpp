#include "sandbox/parts/cgroup_files.hpp"

#include <array>
#include <cerrno>
#include <charconv>

#include <fcntl.h>
#include <unistd.h>

#include "base/unique_fd.hpp"

namespace tango::sandbox {

std::string readFileAt(int dir_fd, const char* path) {
  constexpr std::size_t kBytesMax = 1 << 20;
  const base::UniqueFd file(::openat(dir_fd, path, O_RDONLY | O_CLOEXEC));
  std::string text;
  std::array<char, 4096> piece{};
  while (file && text.size() < kBytesMax) {
    const ssize_t n = ::read(file.get(), piece.data(), piece.size());
    if (n <= 0) {
      break;
    }
    text.append(piece.data(), static_cast<std::size_t>(n));
  }
  return text;
}

std::string readFromStart(int fd) {
  std::string text;
  std::array<char, 8192> piece;  // filled by the kernel as far as it is read
  for (;;) {
    const ssize_t n = ::pread(fd, piece.data(), piece.size(), static_cast<off_t>(text.size()));
    if (n < 0) {
      return {};
    }
    if (n == 0) {
      return text;
    }
    text.append(piece.data(), static_cast<std::size_t>(n));
  }
}

base::Result<void> writeFileAt(int dir_fd, const char* path, std::string_view value) {
  const base::UniqueFd file(::openat(dir_fd, path, O_WRONLY | O_CLOEXEC));
  if (!file) {
    return base::systemError(errno, std::string("open ") + path);
  }
  if (::write(file.get(), value.data(), value.size()) != static_cast<ssize_t>(value.size())) {
    return base::systemError(errno, "write '" + std::string(value) + "' to " + path);
  }
  return {};
}

std::optional<std::uint64_t> leadingNumber(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end == text.data()) {
    return std::nullopt;
  }
  return number;
}

std::optional<std::uint64_t> numberOf(std::string_view lines, std::string_view key) {
  for (const std::string& line : split(lines, '\n')) {
    if (line.size() > key.size() && line.starts_with(key) && line[key.size()] == ' ') {
      return leadingNumber(std::string_view(line).substr(key.size() + 1));
    }
  }
  return std::nullopt;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    parts.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

}  // namespace tango::sandbox
