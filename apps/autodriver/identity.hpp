// Whose rights a process has. Three kinds of process are made here:
//   - the job itself: autograde in every respect;
//   - our own processes that work with somebody's rights (read the caller's files, write or delete
//     autograde's): their effective uid, the one that files are checked against, is that user's,
//     but their real and saved uids are one that nobody has. kill(2) and ptrace(2) look at the
//     target's real and saved uids, so no process of that user can stop, kill or trace them;
//   - autodriver, for the length of one system call: see killAllOf.
// None of these can become root again, but for the last.
#pragma once

#include <vector>

#include <sys/types.h>

namespace tango::autodriver {

struct Identity {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  ///< supplementary
};

/// Becomes `identity` for good, with no capability and no_new_privs, and to be killed when the
/// parent dies. False: errno says why.
[[nodiscard]] bool become(const Identity& identity) noexcept;

/// The same, with `shield` (a uid that nobody has) as the real and the saved uid.
[[nodiscard]] bool becomeShielded(const Identity& identity, uid_t shield) noexcept;

/// Sends SIGKILL to every process of user `uid`. One kill(-1) does it: the kernel signals all of
/// them at once, and a fork that was under way is undone by the signal. It is sent with that
/// user's rights only (real uid `shield`, no capability), so that it reaches nobody else but those
/// that have the same real uid at the time. No child is forked for it, since a job may have used up
/// all the processes there are.
void killAllOf(uid_t uid, uid_t shield) noexcept;

/// The processes of these users that are alive (not zombies), according to /proc.
[[nodiscard]] std::vector<pid_t> aliveOf(const std::vector<uid_t>& uids);

}  // namespace tango::autodriver
