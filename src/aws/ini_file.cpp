#include "aws/ini_file.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/unique_fd.hpp"

namespace tango::aws {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::UniqueFd;

Error wrong(const std::string& path, const std::string& what) {
  return {ErrorKind::kInvalid, path + " " + what};
}

Error cannot(const std::string& path, const char* doing, int errno_value) {
  return wrong(path, std::string("cannot be ") + doing + ": " +
                         std::generic_category().message(errno_value));
}

bool isAbsent(const std::string& path) {
  struct stat facts{};
  return path == "/dev/null" || (::stat(path.c_str(), &facts) != 0 &&
                                 (errno == ENOENT || errno == ENOTDIR || errno == EACCES));
}

Result<std::string> contentOf(const UniqueFd& file, const std::string& path) {
  std::string text(kIniBytesMax + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t n = ::read(file.get(), text.data() + size, text.size() - size);
    if (n < 0) {
      return cannot(path, "read", errno);
    }
    if (n == 0) {
      break;
    }
    size += static_cast<std::size_t>(n);
  }
  if (size > kIniBytesMax) {
    return wrong(path, "is too large to be what it is named after");
  }
  text.resize(size);
  return text;
}

}  // namespace

const IniSection* IniFile::section(std::string_view name) const {
  const auto found = sections.find(name);
  return found == sections.end() ? nullptr : &found->second;
}

std::string valueOf(const IniSection* section, std::string_view key) {
  if (section == nullptr) {
    return "";
  }
  const auto found = section->find(key);
  return found == section->end() ? "" : found->second;
}

Result<IniFile> readIniFile(const std::string& path) {
  IniFile made;
  made.path = path;
  if (isAbsent(path)) {
    return made;
  }
  // O_NONBLOCK: a FIFO would wait for a writer that never comes.
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file) {
    return cannot(path, "opened", errno);
  }
  struct stat facts{};
  if (::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) {
    return wrong(path, "is not a regular file");
  }
  const Result<std::string> text = contentOf(file, path);
  if (!text) {
    return text.error();
  }
  Result<Ini> sections = parseIni(*text, path);
  if (!sections) {
    return sections.error();
  }
  made.there = true;
  made.others_read = (facts.st_mode & (S_IRGRP | S_IROTH)) != 0;
  made.sections = *std::move(sections);
  return made;
}

}  // namespace tango::aws
