#include "base/error.hpp"

#include <cerrno>
#include <system_error>

namespace tango::base {
namespace {

ErrorKind kindOf(int errno_value) {
  switch (errno_value) {
    case ENOENT:
      return ErrorKind::kNotFound;
    case EEXIST:
      return ErrorKind::kExists;
    case ENOSPC:
    case EFBIG:
      return ErrorKind::kTooLarge;
    case ETIMEDOUT:
      return ErrorKind::kTimeout;
    case ENAMETOOLONG:
      return ErrorKind::kInvalid;
    default:
      return ErrorKind::kSystem;
  }
}

}  // namespace

Error Error::during(std::string_view what) const {
  return {kind_, std::string(what) + ": " + message_};
}

Error systemError(int errno_value, std::string_view what) {
  // generic_category().message() is strerror without its static buffer.
  return {kindOf(errno_value),
          std::string(what) + ": " + std::generic_category().message(errno_value)};
}

}  // namespace tango::base
