#include "http/client_upgrade.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/error.hpp>

#include "base/ascii.hpp"
#include "base/utf8.hpp"

namespace tango::http {
namespace {

using base::Error;
using base::ErrorKind;
using boost::beast::error_code;

constexpr int kSwitchingProtocols = 101;

class UpgradedStream final : public async::ByteStream {
 public:
  explicit UpgradedStream(ConnectionPtr connection) : connection_(std::move(connection)) {}

  awaitable<Result<void>> write(std::string_view bytes) override {
    if (closed_) {
      co_return closed();
    }
    const error_code failure = co_await connection_->write(bytes);
    if (closed_) {
      co_return closed();
    }
    if (failure) {
      co_return Error(ErrorKind::kSystem, "write: " + failure.message());
    }
    co_return Result<void>();
  }

  awaitable<Result<std::size_t>> readSome(char* room, std::size_t size) override {
    if (closed_) {
      co_return closed();
    }
    if (ended_) {  // asio waits for more where the end was seen
      co_return std::size_t{0};
    }
    std::size_t got = 0;
    const error_code failure = co_await connection_->readBytes(room, size, got);
    if (closed_) {
      co_return closed();
    }
    ended_ = failure == boost::asio::error::eof;
    if (ended_) {
      co_return std::size_t{0};
    }
    if (failure) {
      co_return Error(ErrorKind::kSystem, "read: " + failure.message());
    }
    co_return got;
  }

  void close() override {
    closed_ = true;
    connection_->end();
  }

 private:
  static Error closed() { return {ErrorKind::kCancelled, "the stream was closed"}; }

  ConnectionPtr connection_;
  bool closed_ = false;
  bool ended_ = false;  ///< the other end has
};

ErrorKind kindOf(int status) {
  switch (status) {
    case 400:
      return ErrorKind::kInvalid;
    case 404:
      return ErrorKind::kNotFound;
    case 409:
      return ErrorKind::kExists;
    default:
      return ErrorKind::kSystem;
  }
}

}  // namespace

std::unique_ptr<async::ByteStream> upgradedStream(ConnectionPtr connection) {
  return std::make_unique<UpgradedStream>(std::move(connection));
}

void UpgradeRefusal::listen(ClientRequest& request) {
  request.on_head = [this, told = std::move(request.on_head)](const ClientResponse& head) {
    status_ = head.status;
    return told ? told(head) : Result<void>();
  };
  request.on_body = [this](std::string_view piece) -> Result<void> {
    body_.append(piece.substr(0, kBodyBytesMax - body_.size()));
    if (body_.size() == kBodyBytesMax) {
      return Error(ErrorKind::kTooLarge, "the answer is too large");
    }
    return {};
  };
}

bool UpgradeRefusal::came() const {
  return status_ != 0 && status_ != kSwitchingProtocols;
}

Error UpgradeRefusal::error(const std::string& host) const {
  std::string words = base::replaceInvalidUtf8(body_);
  std::replace_if(words.begin(), words.end(), base::isControl, ' ');
  words.erase(words.find_last_not_of(' ') + 1);
  return {kindOf(status_), host + " answered " + std::to_string(status_) +
                               " where it was to switch protocols" +
                               (words.empty() ? "" : ": " + words)};
}

}  // namespace tango::http
