// Deleting what a job left behind. Runs in a process with nobody's rights but autograde's, so that
// no trick with links or with folders that move can make it delete what autograde could not have
// deleted itself. The trees are hostile: as deep as a disk is large, with modes of 000, with a
// million names. So nothing here recurses into what a job made, and at most a few descriptors are
// open at once: the folders found two levels down are moved one level up, until none is left.
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

namespace tango::autodriver {

/// Removes `name`, a file or a whole tree that belongs to `owner`, from the folder `parent_fd`.
/// False: something is left.
bool removeTree(int parent_fd, const std::string& name, uid_t owner);

/// Removes everything of `owner` from the folder `path`, and from other users' folders in it (to a
/// depth that only an image's author can have made), but not the folder itself. A folder that does
/// not exist is clean.
bool sweepFolder(const std::string& path, uid_t owner);

/// Removes the System V shared memory, queues and semaphores of `owner`.
bool sweepIpc(uid_t owner);

/// The folders in which a job can leave files: its home, and those that everybody may write to.
[[nodiscard]] std::vector<std::string> scratchFolders(const std::string& home);

}  // namespace tango::autodriver
