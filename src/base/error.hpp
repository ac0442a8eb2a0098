// What went wrong in our own machinery. What a job's program did (its exit status, a limit that it
// hit) is never an Error: see model/outcome.hpp.
#pragma once

#include <string>
#include <string_view>

namespace tango::base {

/// What a caller can do about an Error; the message is for people.
enum class ErrorKind {
  kInvalid,      ///< the request itself is wrong: a client's or an operator's to mend
  kNotFound,     ///< the thing named does not exist
  kExists,       ///< the name is taken
  kUnsupported,  ///< this host or backend cannot do it (a limit that cannot be enforced)
  kTooLarge,     ///< over a bound that was given: bytes, inodes, entries
  kTimeout,      ///< the deadline passed
  kCancelled,    ///< it was stopped because someone asked for that
  kSystem,       ///< everything else: the kernel, a backend, a broken connection
};

class Error {
 public:
  Error(ErrorKind kind, std::string message) : kind_(kind), message_(std::move(message)) {}

  [[nodiscard]] ErrorKind kind() const noexcept { return kind_; }
  [[nodiscard]] const std::string& message() const noexcept { return message_; }

  /// The same error as seen one level up: "copyIn tango-17: open Makefile: No such file".
  [[nodiscard]] Error during(std::string_view what) const;

 private:
  ErrorKind kind_;
  std::string message_;
};

/// `what` names the call and its operand ("open inputs/Makefile"); `errno_value` is errno's.
/// ENOENT becomes kNotFound, EEXIST kExists, ENOSPC and EFBIG kTooLarge, ETIMEDOUT kTimeout,
/// ENAMETOOLONG kInvalid; all else kSystem.
[[nodiscard]] Error systemError(int errno_value, std::string_view what);

}  // namespace tango::base
