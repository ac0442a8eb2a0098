// Writes a root file system out of entries that an attacker may have made up. Theory:
//
//   - The root is held as a descriptor, and every path is resolved as if it were "/"
//     (RESOLVE_IN_ROOT). A link that an earlier entry made cannot lead a later one out; one that
//     stays inside is followed, as a layer's `lib/x` where lib -> usr/lib asks for. A name with
//     ".." in it is refused.
//   - Only an entry's parent is resolved; the entry itself replaces what bears its name, so
//     nothing is ever written through a link.
//   - Only folders, regular files, symbolic links and hard links to those are made. Everything
//     belongs to whoever imports; setuid, setgid, extended attributes and capabilities are lost.
//   - Permission bits are kept, with what the owner needs to remove the tree added (u+r on files,
//     u+rwx on folders). The job is an unprivileged user and never the owner, so it sees of a file
//     what "other" may: a file that is closed to others (etc/shadow) stays closed to it. A file
//     that only autograde could read in the image is therefore lost to the job; open it to others
//     before the image is saved.
//   - Bytes, entries and depth are bounded.
#pragma once

#include <cstdint>
#include <ctime>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "model/limits.hpp"

namespace tango::images {

using base::Result;
using base::UniqueFd;

/// What one import may write.
struct ImageLimits {
  std::uint64_t bytes_max = 20 * model::kGiB;  ///< also of each single file, holes included
  std::uint64_t entries_max = 4'000'000;
  std::uint64_t depth_max = 128;  ///< components of one path
};

/// Told now and then: entries and bytes written so far.
using Progress = std::function<void(std::uint64_t entries, std::uint64_t bytes)>;

class RootWriter {
 public:
  /// `root`: a folder of ours, opened O_RDONLY or O_PATH.
  RootWriter(UniqueFd root, const ImageLimits& limits, Progress progress = nullptr)
      : root_(std::move(root)), limits_(limits), progress_(std::move(progress)) {}

  /// Paths are relative to the root, whether they start with '/' or not. Parents that are missing
  /// are made (0755). kInvalid: the path is malformed; kTooLarge: a limit is passed.
  /// A folder that exists stays, with the new mode; the root itself is always 0755.
  Result<void> makeFolder(std::string_view path, mode_t mode);
  Result<void> makeLink(std::string_view path, const std::string& target);
  /// `existing` must be a file or a link that is there already, inside the root.
  Result<void> makeHardLink(std::string_view path, std::string_view existing);

  /// A file is made, written piece by piece in any order, and finished.
  Result<UniqueFd> makeFile(std::string_view path);
  Result<void> write(int file_fd, std::uint64_t offset, std::string_view bytes);
  /// `size`: what the file's length shall be (a hole may end it); `mtime` counts for make.
  [[nodiscard]] Result<void> finishFile(int file_fd, std::uint64_t size, mode_t mode,
                                        std::time_t mtime) const;
  /// The three in one, for a small text.
  Result<void> makeTextFile(std::string_view path, std::string_view text);

  /// Removes a path with everything beneath it; fine if it is not there.
  Result<void> remove(std::string_view path);
  /// Empties the folder at `path`; fine if there is none.
  Result<void> removeContents(std::string_view path);

  /// Counts an entry that is not written (a device): it spends the budget all the same.
  Result<void> skip(std::uint64_t size);

  [[nodiscard]] int rootFd() const { return root_.get(); }
  [[nodiscard]] std::uint64_t entries() const { return entries_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  struct Place {
    int parent_fd = -1;  ///< borrowed from parent_
    std::string name;    ///< "" for the root itself
  };
  /// What to do about parents that are missing.
  enum class Missing { kMake, kFail };

  [[nodiscard]] Result<std::vector<std::string>> componentsOf(std::string_view path) const;
  Result<Place> place(std::string_view path, Missing missing);
  /// The same for what must not be the root itself, and counted as an entry.
  Result<Place> placeEntry(std::string_view path);
  /// The folder that the first `count` components lead to.
  Result<UniqueFd> openFolder(const std::vector<std::string>& components, std::size_t count,
                              Missing missing);
  Result<void> removeAt(const Place& place);
  /// Calls `create` (0, or -1 and errno), once more if it had to make room for the new entry.
  Result<void> replaceWith(const Place& place, std::string_view what,
                           const std::function<int()>& create);
  Result<void> countEntry();

  UniqueFd root_;
  ImageLimits limits_;
  Progress progress_;
  UniqueFd parent_;          ///< of the last entry: most entries lie beside the one before
  std::string parent_path_;  ///< what was asked for when parent_ was opened
  std::uint64_t entries_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace tango::images
