#include "images/guest_root.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/safe_path.hpp"
#include "images/small_file.hpp"

namespace tango::images {
namespace {

using base::Error;
using base::ErrorKind;
using Id = std::uint32_t;

constexpr std::array kMountPoints = {"proc", "sys", "dev", "tmp", "var/tmp", "home", "run", "root"};
constexpr std::array<std::string_view, 2> kUsers = {"autograde", "autolab"};
constexpr std::string_view kHome = "/home/autograde";
constexpr Id kFirstId = 1000;
constexpr Id kLastId = 65'533;  // what lies above is nobody, or not mapped in a user namespace

/// The lines of etc/passwd or etc/group, split at the colons.
class Accounts {
 public:
  explicit Accounts(std::string text) : text_(std::move(text)) {
    if (!text_.empty() && !text_.ends_with('\n')) {
      text_ += '\n';
    }
  }

  /// Field `index` of the line of `name`.
  [[nodiscard]] std::optional<std::string> field(std::string_view name, std::size_t index) const {
    for (const auto& fields : lines()) {
      if (fields.front() == name && fields.size() > index) {
        return fields[index];
      }
    }
    return std::nullopt;
  }

  /// The third field of every line: the uid in passwd, the gid in group.
  [[nodiscard]] std::set<std::string> ids() const {
    std::set<std::string> ids;
    for (const auto& fields : lines()) {
      if (fields.size() > 2) {
        ids.insert(fields[2]);
      }
    }
    return ids;
  }

  void add(const std::string& line) { text_ += line + "\n"; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  [[nodiscard]] std::vector<std::vector<std::string>> lines() const {
    std::vector<std::vector<std::string>> lines(1, std::vector<std::string>(1));
    for (const char c : text_) {
      if (c == '\n') {
        lines.emplace_back(1);
      } else if (c == ':') {
        lines.back().emplace_back();
      } else {
        lines.back().back() += c;
      }
    }
    return lines;
  }

  std::string text_;
};

std::optional<Id> toId(const std::optional<std::string>& text) {
  Id id = 0;
  if (!text) {
    return std::nullopt;
  }
  const char* end = text->data() + text->size();
  const auto parsed = std::from_chars(text->data(), end, id);
  if (parsed.ec != std::errc() || parsed.ptr != end) {
    return std::nullopt;
  }
  return id;
}

Result<Accounts> readAccounts(int root_fd, const std::string& path) {
  Result<std::string> text = readSmallFile(root_fd, path);
  if (!text && text.error().kind() != ErrorKind::kNotFound) {
    return text.error();
  }
  return Accounts(text ? std::move(*text) : std::string());
}

/// Adds the user and the group `name` where they are missing.
Result<void> addUser(const std::string& name, Accounts& users, Accounts& groups) {
  const std::set<std::string> used_uids = users.ids();
  const std::set<std::string> used_gids = groups.ids();
  Id fresh = kFirstId;
  while (used_uids.contains(std::to_string(fresh)) || used_gids.contains(std::to_string(fresh))) {
    ++fresh;
  }
  if (fresh > kLastId) {
    return Error(ErrorKind::kInvalid, "no id is free for the user " + name);
  }
  if (!groups.field(name, 2)) {
    const std::string gid = users.field(name, 3).value_or(std::to_string(fresh));
    groups.add(name + ":x:" + gid + ":");
  }
  if (!users.field(name, 3)) {
    const std::string gid = groups.field(name, 2).value_or(std::to_string(fresh));
    users.add(name + ":x:" + std::to_string(fresh) + ":" + gid + "::" + std::string(kHome) +
              ":/bin/sh");
  }
  return {};
}

Result<GuestUser> addUsers(RootWriter& writer) {
  Result<Accounts> users = readAccounts(writer.rootFd(), "etc/passwd");
  Result<Accounts> groups = readAccounts(writer.rootFd(), "etc/group");
  if (!users || !groups) {
    return (users ? groups.error() : users.error()).during("read the image's users");
  }
  for (const std::string_view name : kUsers) {
    const Result<void> added = addUser(std::string(name), *users, *groups);
    if (!added) {
      return added.error();
    }
  }
  const std::optional<Id> uid = toId(users->field(kUsers[0], 2));
  const std::optional<Id> gid = toId(users->field(kUsers[0], 3));
  const auto usable = [](const std::optional<Id>& id) { return id && *id > 0 && *id <= kLastId; };
  if (!usable(uid) || !usable(gid)) {
    return Error(
        ErrorKind::kInvalid,
        "etc/passwd in the image gives the user autograde ids that are not between 1 and " +
            std::to_string(kLastId));
  }
  const Result<void> passwd = writer.makeTextFile("etc/passwd", users->text());
  if (!passwd) {
    return passwd.error();
  }
  const Result<void> group = writer.makeTextFile("etc/group", groups->text());
  if (!group) {
    return group.error();
  }
  return GuestUser{*uid, *gid};
}

/// True if `path` itself is a regular file: a link that the sandbox binds over would lead away.
bool isPlainFile(int root_fd, const char* path) {
  const Result<UniqueFd> file = base::openInRoot(root_fd, path, O_PATH | O_NOFOLLOW);
  struct stat facts{};
  return file && ::fstat(file->get(), &facts) == 0 && S_ISREG(facts.st_mode);
}

Result<void> makeIfMissing(RootWriter& writer, const char* path, std::string_view text) {
  return isPlainFile(writer.rootFd(), path) ? Result<void>() : writer.makeTextFile(path, text);
}

}  // namespace

Result<GuestUser> prepareGuestRoot(RootWriter& writer) {
  Result<void> made = writer.makeFolder(".", 0755);
  for (const char* folder : kMountPoints) {
    if (made) {
      made = writer.makeFolder(folder, 0755);
    }
  }
  if (made) {
    made = makeIfMissing(writer, "etc/hosts", "127.0.0.1\tlocalhost\n::1\tlocalhost\n");
  }
  if (made) {
    made = makeIfMissing(writer, "etc/hostname", "autograde\n");
  }
  if (made) {
    made = makeIfMissing(writer, "etc/resolv.conf", "");
  }
  if (!made) {
    return made.error();
  }
  return addUsers(writer);
}

std::vector<std::string> lookForTrouble(int root_fd) {
  const auto has_any = [&](std::initializer_list<const char*> paths) {
    return std::any_of(paths.begin(), paths.end(),
                       [&](const char* path) { return hasFile(root_fd, path); });
  };
  std::vector<std::string> warnings;
  if (!has_any({"usr/bin/make", "bin/make", "usr/local/bin/make"})) {
    warnings.emplace_back("There is no make in it, and a job is run by make.");
  }
  if (!has_any({"bin/sh", "usr/bin/sh"})) {
    warnings.emplace_back("There is no /bin/sh in it, and make runs its commands with that.");
  }
  return warnings;
}

}  // namespace tango::images
