#include "images/root_writer.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder.hpp"
#include "base/safe_path.hpp"

namespace tango::images {
namespace {

using base::Error;
using base::ErrorKind;
using base::systemError;

constexpr mode_t kPermissions = 0777;
constexpr std::uint64_t kEntriesPerReport = 2048;

std::string quoted(std::string_view path) {
  return "'" + std::string(path) + "'";
}

std::string joined(const std::vector<std::string>& components, std::size_t count) {
  std::string path;
  for (std::size_t i = 0; i < count; ++i) {
    path += (i == 0 ? "" : "/") + components[i];
  }
  return path.empty() ? "." : path;
}

/// chmod of what mkdirat just made: the umask has had its say there.
Result<void> makeFolderAt(int parent_fd, const std::string& name, mode_t mode) {
  if (::mkdirat(parent_fd, name.c_str(), mode) != 0 ||
      ::fchmodat(parent_fd, name.c_str(), mode, 0) != 0) {
    if (errno == EEXIST) {
      return Error(ErrorKind::kInvalid, quoted(name) + " is a link that leads nowhere, no folder");
    }
    return systemError(errno, "make folder " + quoted(name));
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> RootWriter::componentsOf(std::string_view path) const {
  std::vector<std::string> components;
  for (std::size_t begin = 0; begin < path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view component = path.substr(begin, end - begin);
    begin = end + 1;
    if (component.empty() || component == ".") {
      continue;
    }
    const Result<void> good = base::checkComponent(component, "a component of a path");
    if (!good) {
      return good.error().during(quoted(path));
    }
    if (components.size() == limits_.depth_max) {
      return Error(ErrorKind::kTooLarge,
                   "a path lies deeper than " + std::to_string(limits_.depth_max) + " folders");
    }
    components.emplace_back(component);
  }
  return components;
}

Result<UniqueFd> RootWriter::openFolder(const std::vector<std::string>& components,
                                        std::size_t count, Missing missing) {
  const std::string path = joined(components, count);
  Result<UniqueFd> opened = base::openInRoot(root_.get(), path.c_str(), O_PATH | O_DIRECTORY);
  const bool absent = !opened && opened.error().kind() == ErrorKind::kNotFound;
  if (!absent || missing == Missing::kFail || count == 0) {
    return opened;
  }
  const Result<UniqueFd> above = openFolder(components, count - 1, missing);
  if (!above) {
    return above.error();
  }
  const Result<void> made = makeFolderAt(above->get(), components[count - 1], 0755);
  if (!made) {
    return made.error();
  }
  return base::openInRoot(root_.get(), path.c_str(), O_PATH | O_DIRECTORY);
}

Result<RootWriter::Place> RootWriter::place(std::string_view path, Missing missing) {
  const Result<std::vector<std::string>> components = componentsOf(path);
  if (!components) {
    return components.error();
  }
  if (components->empty()) {
    return Place{root_.get(), ""};
  }
  const std::size_t depth = components->size() - 1;
  std::string parent_path = joined(*components, depth);
  if (!parent_ || parent_path != parent_path_) {
    Result<UniqueFd> opened = openFolder(*components, depth, missing);
    if (!opened) {
      return opened.error();
    }
    parent_ = std::move(*opened);
    parent_path_ = std::move(parent_path);
  }
  return Place{parent_.get(), components->back()};
}

Result<RootWriter::Place> RootWriter::placeEntry(std::string_view path) {
  const Result<void> counted = countEntry();
  if (!counted) {
    return counted.error();
  }
  Result<Place> found = place(path, Missing::kMake);
  if (found && found->name.empty()) {
    return Error(ErrorKind::kInvalid, quoted(path) + " is the root itself, and no folder");
  }
  return found;
}

Result<void> RootWriter::countEntry() {
  if (++entries_ > limits_.entries_max) {
    return Error(ErrorKind::kTooLarge,
                 "it has more than " + std::to_string(limits_.entries_max) + " entries");
  }
  if (progress_ && entries_ % kEntriesPerReport == 0) {
    progress_(entries_, bytes_);
  }
  return {};
}

Result<void> RootWriter::removeAt(const Place& place) {
  // The parent that is held may lie beneath what goes, or be reached through it.
  const Result<void> removed = base::removeTree(place.parent_fd, place.name.c_str());
  parent_path_.clear();
  return removed;
}

Result<void> RootWriter::replaceWith(const Place& place, std::string_view what,
                                     const std::function<int()>& create) {
  if (create() == 0) {
    return {};
  }
  if (errno == EEXIST) {
    const Result<void> removed = removeAt(place);
    if (!removed) {
      return removed;
    }
    if (create() == 0) {
      return {};
    }
  }
  return systemError(errno, std::string(what) + " " + quoted(place.name));
}

Result<void> RootWriter::makeFolder(std::string_view path, mode_t mode) {
  const Result<void> counted = countEntry();
  if (!counted) {
    return counted;
  }
  const Result<Place> where = place(path, Missing::kMake);
  if (!where) {
    return where.error();
  }
  if (where->name.empty()) {
    return ::fchmodat(root_.get(), ".", 0755, 0) == 0 ? Result<void>()
                                                      : systemError(errno, "chmod of the root");
  }
  const mode_t kept = (mode & (kPermissions | S_ISVTX)) | S_IRWXU;
  struct stat old{};
  if (::fstatat(where->parent_fd, where->name.c_str(), &old, AT_SYMLINK_NOFOLLOW) == 0) {
    if (S_ISDIR(old.st_mode)) {
      return ::fchmodat(where->parent_fd, where->name.c_str(), kept, 0) == 0
                 ? Result<void>()
                 : systemError(errno, "chmod " + quoted(path));
    }
    const Result<void> removed = removeAt(*where);
    if (!removed) {
      return removed;
    }
  }
  return makeFolderAt(where->parent_fd, where->name, kept);
}

Result<void> RootWriter::makeLink(std::string_view path, const std::string& target) {
  const Result<Place> where = placeEntry(path);
  if (!where) {
    return where.error();
  }
  return replaceWith(*where, "make link", [&] {
    return ::symlinkat(target.c_str(), where->parent_fd, where->name.c_str());
  });
}

Result<void> RootWriter::makeHardLink(std::string_view path, std::string_view existing) {
  const Result<std::vector<std::string>> components = componentsOf(existing);
  if (!components) {
    return components.error();
  }
  if (components->empty()) {
    return Error(ErrorKind::kInvalid, quoted(path) + " is a hard link to the root");
  }
  const std::string folder = joined(*components, components->size() - 1);
  const Result<UniqueFd> from =
      base::openInRoot(root_.get(), folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  const char* name = components->back().c_str();
  struct stat source{};
  if (!from || ::fstatat(from->get(), name, &source, AT_SYMLINK_NOFOLLOW) != 0 ||
      (!S_ISREG(source.st_mode) && !S_ISLNK(source.st_mode))) {
    return Error(ErrorKind::kInvalid, quoted(path) + " is a hard link to " + quoted(existing) +
                                          ", which is no file inside the image");
  }
  const Result<Place> where = placeEntry(path);
  if (!where) {
    return where.error();
  }
  struct stat old{};
  if (::fstatat(where->parent_fd, where->name.c_str(), &old, AT_SYMLINK_NOFOLLOW) == 0 &&
      old.st_ino == source.st_ino) {
    return {};
  }
  return replaceWith(*where, "make hard link", [&] {
    return ::linkat(from->get(), name, where->parent_fd, where->name.c_str(), 0);
  });
}

Result<UniqueFd> RootWriter::makeFile(std::string_view path) {
  const Result<Place> where = placeEntry(path);
  if (!where) {
    return where.error();
  }
  constexpr int kFlags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  UniqueFd file;
  const Result<void> made = replaceWith(*where, "make file", [&] {
    file.reset(::openat(where->parent_fd, where->name.c_str(), kFlags, 0600));
    return file ? 0 : -1;
  });
  if (!made) {
    return made.error();
  }
  return file;
}

Result<void> RootWriter::write(int file_fd, std::uint64_t offset, std::string_view bytes) {
  bytes_ += bytes.size();
  if (bytes_ > limits_.bytes_max || offset > limits_.bytes_max) {
    return Error(ErrorKind::kTooLarge,
                 "it has more than " + std::to_string(limits_.bytes_max) + " bytes");
  }
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(file_fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n < 0) {
      return systemError(errno, "write");
    }
    offset += static_cast<std::uint64_t>(n);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

Result<void> RootWriter::finishFile(int file_fd, std::uint64_t size, mode_t mode,
                                    std::time_t mtime) const {
  if (size > limits_.bytes_max) {
    return Error(ErrorKind::kTooLarge, "a file of " + std::to_string(size) + " bytes is too large");
  }
  const timespec time{.tv_sec = mtime, .tv_nsec = 0};
  const timespec times[] = {time, time};
  if (::ftruncate(file_fd, static_cast<off_t>(size)) != 0 ||
      ::fchmod(file_fd, (mode & kPermissions) | S_IRUSR) != 0) {
    return systemError(errno, "finish a file");
  }
  (void)::futimens(file_fd, times);  // a date that the file system cannot hold is no reason to fail
  return {};
}

Result<void> RootWriter::makeTextFile(std::string_view path, std::string_view text) {
  const Result<UniqueFd> file = makeFile(path);
  if (!file) {
    return file.error();
  }
  const Result<void> written = write(file->get(), 0, text);
  if (!written) {
    return written.error().during(quoted(path));
  }
  return finishFile(file->get(), text.size(), 0644, std::time(nullptr));
}

Result<void> RootWriter::remove(std::string_view path) {
  const Result<Place> where = place(path, Missing::kFail);
  if (!where) {
    return where.error().kind() == ErrorKind::kNotFound ? Result<void>() : where.error();
  }
  return where->name.empty() ? Result<void>() : removeAt(*where);
}

Result<void> RootWriter::removeContents(std::string_view path) {
  const Result<std::vector<std::string>> components = componentsOf(path);
  if (!components) {
    return components.error();
  }
  const Result<UniqueFd> folder =
      base::openInRoot(root_.get(), joined(*components, components->size()).c_str(),
                       O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (!folder) {
    return {};  // nothing there, or no folder: nothing that a layer below could show
  }
  const Result<std::vector<std::string>> names = base::namesIn(folder->get());
  if (!names) {
    return names.error();
  }
  for (const std::string& name : *names) {
    const Result<void> removed = removeAt(Place{folder->get(), name});
    if (!removed) {
      return removed;
    }
  }
  return {};
}

Result<void> RootWriter::skip(std::uint64_t size) {
  bytes_ += std::min(size, limits_.bytes_max + 1);
  if (bytes_ > limits_.bytes_max) {
    return Error(ErrorKind::kTooLarge,
                 "it has more than " + std::to_string(limits_.bytes_max) + " bytes");
  }
  return countEntry();
}

}  // namespace tango::images
