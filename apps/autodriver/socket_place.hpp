// Where an autodriver that stands by listens: a socket in /run/tango. The path comes from a caller
// who may be an ordinary user, and root makes what is missing of it; so it leads nowhere else, and
// no folder on the way may be anybody's but root's.
#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace tango::autodriver {

class SocketPlace {
 public:
  /// Makes the folders that are missing, of mode 0700. kInvalid: `path` is no such place.
  static base::Result<SocketPlace> make(const std::string& path);

  /// Whoever starts or looks for what listens here holds it meanwhile.
  [[nodiscard]] base::Result<base::UniqueFd> lock(base::Deadline deadline) const;
  /// Nothing: nobody listens. It does not block.
  [[nodiscard]] base::Result<std::optional<base::UniqueFd>> connect() const;
  /// In the place of what a dead one left there; it does not block. Only root can connect.
  [[nodiscard]] base::Result<base::UniqueFd> listen() const;
  void remove() const;
  /// The file into which one that stands by says why it ended.
  [[nodiscard]] std::string lastWordsFile() const { return path_ + ".last-words"; }

 private:
  explicit SocketPlace(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

}  // namespace tango::autodriver
