// Names and paths that came from outside. Nothing from outside is joined into a path: it is one
// component, or it is opened beneath a directory that is already held.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace tango::base {

/// Longest name that Linux's file systems take, in bytes (NAME_MAX).
inline constexpr std::size_t kNameBytesMax = 255;

/// Ok if `name` is one path component: not empty, not "." or "..", no '/' and no NUL, at most
/// kNameBytesMax bytes. `field` names the value in the error ("input file").
Result<void> checkComponent(std::string_view name, std::string_view field);

/// openat2(2) with RESOLVE_BENEATH and RESOLVE_NO_MAGICLINKS: `path` never leads out of `dir_fd`,
/// whatever links stand in it. O_CLOEXEC is added. `mode` counts only with O_CREAT or O_TMPFILE.
Result<UniqueFd> openBeneath(int dir_fd, const char* path, int flags, unsigned mode = 0);

/// openat2(2) with RESOLVE_IN_ROOT: `dir_fd` is taken for the root, as chroot(2) would. An absolute
/// link and ".." stay inside; nothing is refused for leading out, because nothing can.
Result<UniqueFd> openInRoot(int dir_fd, const char* path, int flags, unsigned mode = 0);

/// As openBeneath, and no symbolic link is followed at all, not even a harmless one.
Result<UniqueFd> openNoLinks(int dir_fd, const char* path, int flags, unsigned mode = 0);

/// Opens a directory by an operator's path (a command line, a configuration): links are followed.
Result<UniqueFd> openDirectory(const char* path);

}  // namespace tango::base
