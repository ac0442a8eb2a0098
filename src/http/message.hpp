// An HTTP request and its answer, as handlers see them: no socket, no parser.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace tango::http {

using base::Result;
using boost::asio::awaitable;

/// The body of a request, read piece by piece as it comes over the connection.
class BodyReader {
 public:
  BodyReader() = default;
  BodyReader(const BodyReader&) = delete;
  BodyReader& operator=(const BodyReader&) = delete;
  virtual ~BodyReader() = default;

  /// What Content-Length says; nothing for a chunked body.
  [[nodiscard]] virtual std::optional<std::uint64_t> announcedBytes() const = 0;
  /// The next bytes, into `room`: how many, 0 at the end. kTimeout: the client is too slow;
  /// kTooLarge: over the server's bound; kInvalid: not HTTP; kSystem: the connection broke. Answers
  /// `Expect: 100-continue` when first called.
  virtual awaitable<Result<std::size_t>> read(std::span<char> room) = 0;

  /// All of it. kTooLarge: more than `bytes_max`.
  awaitable<Result<std::string>> readAll(std::uint64_t bytes_max);
};

struct Request {
  std::string method;  ///< "GET"; HEAD comes as GET, and the server drops the body
  std::string target;  ///< as sent, undecoded: "/open/KEY/LAB/?a=b"
  /// The target's path, cut at each '/' before decoding, each segment then percent-decoded ('+'
  /// stays '+'); a trailing slash adds none. All are valid UTF-8.
  std::vector<std::string> segments;
  std::string query;   ///< undecoded, without '?'
  std::string client;  ///< the peer's IP address
  /// In the order sent; names in lower case.
  std::vector<std::pair<std::string, std::string>> headers;
  BodyReader* body = nullptr;  ///< borrowed for the handler's life

  /// The first header of that (lower-case) name.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
};

/// A file that is sent as it is, from its beginning.
struct FileBody {
  base::UniqueFd file;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json; charset=UTF-8";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  /// Instead of `body`.
  std::optional<FileBody> file;
  /// Called once the whole answer has been handed to the kernel, or the connection has broken.
  std::function<void()> sent;
};

using Handler = std::function<awaitable<Response>(Request& request)>;

}  // namespace tango::http
