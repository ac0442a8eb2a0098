// What autodriver and its warden say to each other: one letter down, one Note up, each a message
// of a SOCK_SEQPACKET pair, which is whole or not there.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace tango::autodriver {

using base::Result;
using base::UniqueFd;

enum class Command : char { kMakeView = 'v', kCopy = 'c', kRun = 'r' };

struct Note {
  enum class Kind : std::uint32_t {
    kDone,    ///< the command was carried out
    kFailed,  ///< it was not: see `text`
    kEnded,   ///< make has ended
  };
  Kind kind = Kind::kDone;
  std::int32_t wait_status = 0;   ///< kEnded: make's
  std::uint64_t disk_bytes = 0;   ///< kEnded: what lies in the scratch, if it is a tmpfs
  std::uint64_t disk_inodes = 0;  ///< kEnded: the same in files and folders
  std::uint32_t disk_full = 0;    ///< kEnded: it was seen without room
  base::ErrorKind error_kind = base::ErrorKind::kSystem;  ///< kFailed
  std::array<char, 500> text{};                           ///< ends with a NUL

  static Note failed(const base::Error& error);
  /// kFailed: the error that it was made of, its message cut if it is long.
  [[nodiscard]] base::Error error() const;
};

/// Both ends.
Result<std::pair<UniqueFd, UniqueFd>> makeChannel();

bool sendCommand(int fd, Command command);
/// Nothing: the other end is gone.
std::optional<Command> takeCommand(int fd);
/// Gives no process a signal, and never blocks for long: notes are few and small.
bool sendNote(int fd, const Note& note);
/// Waits. Nothing: the other end is gone.
std::optional<Note> takeNote(int fd);

}  // namespace tango::autodriver
