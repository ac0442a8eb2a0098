// The standard streams of a container without a terminal, out of one connection: what comes is cut
// into frames that say which stream they are of.
// https://docs.docker.com/engine/api/v1.41/#tag/Container/operation/ContainerAttach
#pragma once

#include <memory>
#include <string>

#include "async/byte_stream.hpp"

namespace tango::vmms::docker {

/// Reads standard output alone. The last of what came on standard error is kept: when the stream
/// ends, it is the error's message.
class AttachStream final : public async::ByteStream {
 public:
  explicit AttachStream(std::unique_ptr<async::ByteStream> connection)
      : connection_(std::move(connection)) {}

  boost::asio::awaitable<base::Result<void>> write(std::string_view bytes) override;
  /// kSystem: also a frame of no stream, and an end with words on standard error.
  boost::asio::awaitable<base::Result<std::size_t>> readSome(char* room, std::size_t size) override;
  void close() override { connection_->close(); }

 private:
  enum class Stream : unsigned char { kIn, kOut, kErr };

  boost::asio::awaitable<base::Result<bool>> nextFrame();
  boost::asio::awaitable<base::Result<void>> takeWords();
  [[nodiscard]] base::Result<std::size_t> end() const;

  std::unique_ptr<async::ByteStream> connection_;
  Stream stream_ = Stream::kOut;
  std::uint32_t left_ = 0;  ///< of the current frame
  std::string words_;       ///< the end of standard error
};

}  // namespace tango::vmms::docker
