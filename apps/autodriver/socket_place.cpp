#include "autodriver/socket_place.hpp"

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "autodriver/machine_lock.hpp"
#include "base/safe_path.hpp"

namespace tango::autodriver {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::systemError;
using base::UniqueFd;

constexpr std::string_view kTop = "/run/tango/";
constexpr int kBacklog = 16;

sockaddr_un addressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());  // its length was checked
  return address;
}

template <class Call>
int withAddress(const Call& call, int socket, const std::string& path) {
  const sockaddr_un address = addressOf(path);
  return call(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

Result<UniqueFd> makeSocket() {
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  return socket ? std::move(socket) : Result<UniqueFd>(systemError(errno, "make a socket"));
}

Result<void> makeFolder(const std::string& path) {
  struct stat about{};
  if ((::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) || ::lstat(path.c_str(), &about) != 0) {
    return systemError(errno, "make folder " + path);
  }
  if (!S_ISDIR(about.st_mode) || about.st_uid != 0 || (about.st_mode & 022U) != 0) {
    return Error(ErrorKind::kInvalid, path + " is not a folder to which root alone can write");
  }
  return {};
}

}  // namespace

Result<SocketPlace> SocketPlace::make(const std::string& path) {
  const std::string field = "option --attach";
  if (!path.starts_with(kTop) || path.size() >= sizeof sockaddr_un::sun_path) {
    return Error(ErrorKind::kInvalid, field + ": it must be a short path in " + std::string(kTop));
  }
  for (std::size_t at = kTop.size(); at != 0;) {
    const std::size_t end = path.find('/', at);
    const std::string name = path.substr(at, end == std::string::npos ? end : end - at);
    if (const Result<void> named = base::checkComponent(name, field); !named) {
      return named.error();
    }
    if (const Result<void> made = makeFolder(path.substr(0, at - 1)); !made) {
      return made.error();
    }
    at = end == std::string::npos ? 0 : end + 1;
  }
  return SocketPlace(path);
}

Result<UniqueFd> SocketPlace::lock(base::Deadline deadline) const {
  return takeLock((path_ + ".lock").c_str(), deadline);
}

Result<std::optional<UniqueFd>> SocketPlace::connect() const {
  Result<UniqueFd> socket = makeSocket();
  if (!socket) {
    return socket.error();
  }
  if (withAddress(::connect, socket->get(), path_) == 0) {
    return std::optional<UniqueFd>(*std::move(socket));
  }
  if (errno == ENOENT || errno == ECONNREFUSED) {
    return std::optional<UniqueFd>();
  }
  return systemError(errno, "connect to " + path_);
}

Result<UniqueFd> SocketPlace::listen() const {
  remove();
  Result<UniqueFd> socket = makeSocket();
  if (!socket) {
    return socket;
  }
  const mode_t before = ::umask(0177);
  const bool bound = withAddress(::bind, socket->get(), path_) == 0;
  ::umask(before);
  if (!bound || ::listen(socket->get(), kBacklog) != 0) {
    return systemError(errno, "listen at " + path_);
  }
  return socket;
}

void SocketPlace::remove() const {
  ::unlink(path_.c_str());
}

}  // namespace tango::autodriver
