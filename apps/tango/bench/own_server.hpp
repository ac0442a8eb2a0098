// A service of this very program, for one run of the benchmark.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include <sys/types.h>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace tango::bench {

class OwnServer {
 public:
  /// Starts `tango serve` with an empty configuration, its data beneath `folder` and on any free
  /// port, and returns once it listens. It ends when this process does, however that ends.
  /// `interrupted` is asked while it starts whether to give up: kCancelled. kSystem: it did not
  /// start; the message has what it said.
  static base::Result<OwnServer> start(const std::filesystem::path& folder,
                                       const std::function<bool()>& interrupted);
  OwnServer(OwnServer&& other) noexcept;
  OwnServer& operator=(OwnServer&&) = delete;
  OwnServer(const OwnServer&) = delete;
  OwnServer& operator=(const OwnServer&) = delete;
  /// Ends it as `stop` does.
  ~OwnServer();

  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] pid_t pid() const { return pid_; }
  /// Where it keeps the key that it made.
  [[nodiscard]] const std::filesystem::path& dataFolder() const { return data_; }

  /// Ends it in order. Returns the processor seconds of it and of all descendants that were waited
  /// for. kSystem: it had to be killed, or had ended by itself.
  base::Result<double> stop();

 private:
  OwnServer(pid_t pid, base::UniqueFd says, std::filesystem::path data)
      : pid_(pid), says_(std::move(says)), data_(std::move(data)) {}

  base::Result<void> awaitAddress(const std::filesystem::path& log,
                                  const std::function<bool()>& interrupted);

  pid_t pid_;            ///< -1: none any more
  base::UniqueFd says_;  ///< its standard output
  std::filesystem::path data_;
  std::string url_;
};

}  // namespace tango::bench
