// What the server knows of each of its connections.
#pragma once

#include <string>
#include <utility>

namespace tango::http {

class Connection {
 public:
  /// `client`: the peer's IP address.
  explicit Connection(std::string client) : client_(std::move(client)) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  virtual ~Connection() = default;

  /// Closes it at once; whatever waits on it fails.
  virtual void cut() = 0;

  [[nodiscard]] const std::string& client() const { return client_; }
  /// No request is under way.
  [[nodiscard]] bool idle() const { return idle_; }
  /// The request under way is its last.
  void endAfterThis() { ending_ = true; }

 protected:
  [[nodiscard]] bool ending() const { return ending_; }
  void setIdle(bool idle) { idle_ = idle; }

 private:
  const std::string client_;
  bool idle_ = true;
  bool ending_ = false;
};

}  // namespace tango::http
