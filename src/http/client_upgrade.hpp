// A switch of protocols: the connection as a stream once the server has agreed to it, and what is
// told of one that has not.
#pragma once

#include <memory>
#include <string>

#include "async/byte_stream.hpp"
#include "http/client.hpp"
#include "http/client_connection.hpp"

namespace tango::http {

/// What came with the head of the answer is read first.
std::unique_ptr<async::ByteStream> upgradedStream(ConnectionPtr connection);

/// An answer of another status than 101.
class UpgradeRefusal {
 public:
  static constexpr std::size_t kBodyBytesMax = 4096;

  UpgradeRefusal() = default;
  UpgradeRefusal(const UpgradeRefusal&) = delete;
  UpgradeRefusal& operator=(const UpgradeRefusal&) = delete;

  /// Takes the answer of `request`, which it outlives; of its body no more than it keeps.
  void listen(ClientRequest& request);
  [[nodiscard]] bool came() const;
  /// See Client::upgrade. The body stands there in one line.
  [[nodiscard]] base::Error error(const std::string& host) const;

 private:
  int status_ = 0;
  std::string body_;
};

}  // namespace tango::http
