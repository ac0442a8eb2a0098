// What a call answered, as a case compares and a failure prints it.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tango::test {

struct Answer {
  std::optional<base::ErrorKind> kind;  ///< nothing: it was ok
  std::string message;

  /// Only what callers act upon counts, not the words.
  friend bool operator==(const Answer& left, const Answer& right) {
    return left.kind == right.kind;
  }
  friend bool operator!=(const Answer& left, const Answer& right) { return !(left == right); }
};

inline const Answer kOk;
inline const Answer kInvalid{base::ErrorKind::kInvalid, {}};
inline const Answer kNotFound{base::ErrorKind::kNotFound, {}};
inline const Answer kExists{base::ErrorKind::kExists, {}};
inline const Answer kTooLarge{base::ErrorKind::kTooLarge, {}};
inline const Answer kTimeout{base::ErrorKind::kTimeout, {}};
inline const Answer kCancelled{base::ErrorKind::kCancelled, {}};
inline const Answer kSystem{base::ErrorKind::kSystem, {}};

template <class T>
Answer answer(const base::Result<T>& result) {
  return result ? kOk : Answer{result.error().kind(), result.error().message()};
}

inline std::string_view nameOf(base::ErrorKind kind) {
  using base::ErrorKind;
  switch (kind) {
    case ErrorKind::kInvalid:
      return "kInvalid";
    case ErrorKind::kNotFound:
      return "kNotFound";
    case ErrorKind::kExists:
      return "kExists";
    case ErrorKind::kUnsupported:
      return "kUnsupported";
    case ErrorKind::kTooLarge:
      return "kTooLarge";
    case ErrorKind::kTimeout:
      return "kTimeout";
    case ErrorKind::kCancelled:
      return "kCancelled";
    case ErrorKind::kSystem:
      return "kSystem";
  }
  return "?";
}

inline std::ostream& operator<<(std::ostream& out, const Answer& answer) {
  if (!answer.kind) {
    return out << "ok";
  }
  out << nameOf(*answer.kind);
  return answer.message.empty() ? out : out << " (" << answer.message << ")";
}

}  // namespace tango::test
