#include "tango/service_key.hpp"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.hpp"
#include "base/safe_path.hpp"
#include "base/unique_fd.hpp"
#include "base/write_all.hpp"
#include "config/field.hpp"
#include "config/keys.hpp"

namespace tango::app {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::systemError;

constexpr std::size_t kRandomBytes = 32;

Result<void> checkOurs(int file, const std::string& path) {
  struct stat status{};
  if (::fstat(file, &status) != 0) {
    return systemError(errno, "stat " + path);
  }
  if (!S_ISREG(status.st_mode)) {
    return Error(ErrorKind::kInvalid, path + " is not a regular file");
  }
  if (status.st_uid != ::geteuid()) {
    return Error(ErrorKind::kInvalid, path + " belongs to user " + std::to_string(status.st_uid) +
                                          ", who is not the one that this service runs as");
  }
  if ((status.st_mode & 077) != 0) {
    return Error(ErrorKind::kInvalid, path + " is open to others, who may know the key: remove " +
                                          "it (a new one is made), or `chmod 600` it");
  }
  return {};
}

// kNotFound: there is none yet.
Result<std::string> readOwnKey(int folder, const std::string& path) {
  const Result<base::UniqueFd> file = base::openNoLinks(folder, kKeyFile, O_RDONLY | O_NONBLOCK);
  if (!file) {
    return file.error().during(path);
  }
  if (const Result<void> ours = checkOurs(file->get(), path); !ours) {
    return ours.error();
  }
  std::array<char, 512> buffer{};
  const ssize_t got = ::read(file->get(), buffer.data(), buffer.size());
  if (got < 0) {
    return systemError(errno, "read " + path);
  }
  std::string key(buffer.data(), static_cast<std::size_t>(got));
  while (!key.empty() && (key.back() == '\n' || key.back() == '\r')) {
    key.pop_back();
  }
  if (!config::isName(key) || !config::weaknessOf(key).empty()) {
    return Error(ErrorKind::kInvalid,
                 path + " has no good key in it: remove it, and a new one is made");
  }
  return key;
}

// The file `name`, complete and durable.
Result<void> writeKey(int folder, const std::string& name, const std::string& key) {
  const base::UniqueFd file(
      ::openat(folder, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) {
    return systemError(errno, "make " + name);
  }
  if (Result<void> written = base::writeAll(file.get(), key + "\n", name); !written) {
    return written;
  }
  return ::fsync(file.get()) == 0 ? Result<void>() : systemError(errno, "fsync " + name);
}

// The key file appears whole or not at all. kExists: another service was faster.
Result<void> makeOwnKey(int folder, const std::string& path) {
  const Result<std::string> key = base::randomHex(kRandomBytes);
  const Result<std::string> suffix = base::randomHex(kRandomBytes);
  if (!key || !suffix) {
    return key ? suffix.error() : key.error();
  }
  const std::string draft = std::string(kKeyFile) + "." + *suffix;
  Result<void> made = writeKey(folder, draft, *key);
  if (made && ::linkat(folder, draft.c_str(), folder, kKeyFile, 0) != 0) {
    made = systemError(errno, "make " + path);
  }
  ::unlinkat(folder, draft.c_str(), 0);
  if (made && ::fsync(folder) != 0) {
    made = systemError(errno, "fsync the folder of " + path);
  }
  return made;
}

Result<ServiceKeys> ownKey(int folder, const std::string& path) {
  ServiceKeys keys;
  keys.made_at = path;
  Result<std::string> key = readOwnKey(folder, path);
  if (!key && key.error().kind() == ErrorKind::kNotFound) {
    const Result<void> made = makeOwnKey(folder, path);
    if (!made && made.error().kind() != ErrorKind::kExists) {
      return made.error();
    }
    keys.made = made.ok();
    key = readOwnKey(folder, path);
  }
  if (!key) {
    return key.error();
  }
  keys.keys.push_back(*key);
  return keys;
}

}  // namespace

Result<ServiceKeys> serviceKeys(const std::vector<std::string>& given, int data_folder_fd,
                                const std::filesystem::path& data_folder, const std::string& host) {
  if (given.empty()) {
    return ownKey(data_folder_fd, data_folder / kKeyFile);
  }
  for (std::size_t at = 0; at < given.size(); ++at) {
    const std::string which = given.size() == 1 ? "the key" : "key " + std::to_string(at + 1);
    if (!config::isName(given[at])) {
      return Error(ErrorKind::kInvalid,
                   which + " is not 1 to 255 bytes without control characters");
    }
    const std::string weakness = config::weaknessOf(given[at]);
    if (!weakness.empty() && !config::isLoopback(host)) {
      return Error(
          ErrorKind::kInvalid,
          which + " is not good enough for " + host + ", which others can reach: " + weakness +
              ". Take a longer one, leave it out (one is made), or listen on " + "127.0.0.1");
    }
  }
  ServiceKeys keys;
  keys.keys = given;
  return keys;
}

}  // namespace tango::app
