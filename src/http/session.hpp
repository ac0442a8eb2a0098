// One connection's requests, one after the other: read the head, find the handler, answer, go on.
// Written once for plain TCP and for TLS.
#pragma once

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include <unistd.h>

#include "http/answer.hpp"
#include "http/body.hpp"
#include "http/connection.hpp"
#include "http/dispatch.hpp"
#include "http/http_date.hpp"
#include "http/request_head.hpp"
#include "http/router.hpp"
#include "http/server.hpp"
#include "http/wire.hpp"

namespace tango::http {

/// What all sessions of a server share.
struct SessionSettings {
  const ServerConfig& config;
  const Router& router;
  DateHeader& date;
};

template <class Stream>
class Session final : public Connection {
 public:
  Session(Stream stream, std::string client, SessionSettings settings)
      : Connection(std::move(client)),
        wire_(std::move(stream), settings.config.header_bytes_max),
        config_(settings.config),
        router_(settings.router),
        date_(settings.date) {}

  /// Serves until either side has had enough.
  awaitable<void> run() {
    wire_.deadline().set(config_.header_timeout);
    if constexpr (kIsTls<Stream>) {
      const bool secured = co_await wire_.handshake();
      if (!secured) {
        wire_.cut();
        co_return;
      }
    }
    while (next_ == Next::kRequest && !ending()) {
      setIdle(true);
      const Result<std::size_t> head = co_await readHead();
      setIdle(false);
      if (!head) {
        co_await refuse(head.error());
      } else if (*head > 0) {
        co_await serveOne(*head);
        wire_.deadline().set(config_.idle_timeout);
      } else {
        next_ = Next::kCut;
      }
    }
    if (next_ != Next::kCut) {
      co_await wire_.finish();
    }
    wire_.cut();
  }

  /// Says that there is no room for this connection, and ends it.
  awaitable<void> turnAway() {
    Response response = failure(503, "too many connections");
    response.headers.emplace_back("Retry-After", "1");
    co_await send(response, {false, false}, false);
    co_await wire_.finish();
  }

  void cut() override {
    next_ = Next::kCut;
    wire_.cut();
  }

 private:
  enum class Next { kRequest, kFinish, kCut };

  /// So much of a body that nobody wants is read to keep the connection.
  static constexpr std::uint64_t kUnwantedBytesMax = 256 * 1024;
  /// An answer of that size goes out in one piece with its head.
  static constexpr std::size_t kPieceBytes = 64 * 1024;

  // The length of the next request's head, once it is all pending; 0: there is none, and nobody to
  // tell.
  awaitable<Result<std::size_t>> readHead() {
    HeadScan scan;
    bool may_be_empty = true;
    for (;;) {
      // Some clients send an empty line after a body (RFC 9112, 2.2).
      if (may_be_empty && wire_.pending().starts_with("\r\n")) {
        wire_.take(2);
        scan = HeadScan();
        may_be_empty = false;
      }
      const Result<std::size_t> end = scan.find(wire_.pending());
      if (!end || *end > 0) {
        co_return end;
      }
      if (wire_.pending().size() >= config_.header_bytes_max) {
        co_return base::Error(base::ErrorKind::kTooLarge, "the request's head is too large");
      }
      if (!wire_.pending().empty() && idle()) {
        setIdle(false);
        wire_.deadline().set(config_.header_timeout);
      }
      const Result<std::size_t> got = co_await wire_.readAhead();
      if (wire_.pending().empty() && (!got || *got == 0)) {
        co_return std::size_t{0};
      }
      if (!got) {
        co_return got.error();
      }
      if (*got == 0) {
        co_return base::Error(base::ErrorKind::kInvalid, "the request ended within its head");
      }
    }
  }

  awaitable<void> serveOne(std::size_t head_bytes) {
    Result<RequestHead> head = parseHead(wire_.pending().substr(0, head_bytes));
    if (!head) {
      co_await refuse(head.error());
      co_return;
    }
    wire_.take(head_bytes);
    wire_.deadline().clear();
    if (head->body.length > config_.body_bytes_max) {
      co_await refuse({base::ErrorKind::kTooLarge, "the body is too large"}, 413);
      co_return;
    }
    StreamBody<Stream> body(wire_, *head, {config_.body_timeout, config_.body_bytes_max});
    head->request.body = &body;
    head->request.client = client();
    const Response response = co_await answerTo(router_, head->request);
    const bool keep = head->keep_alive && !ending() && body.mayBeDropped(kUnwantedBytesMax);
    co_await send(response, {head->http_1_0, keep}, head->is_head);
    if (next_ != Next::kCut && !keep) {
      next_ = Next::kFinish;
    } else if (next_ != Next::kCut && !body.done()) {
      co_await drop(body);
    }
  }

  // Reads what a handler left of a body, so that the next request can be told from it.
  awaitable<void> drop(StreamBody<Stream>& body) {
    std::array<char, 16 * 1024> piece;  // NOLINT(*-member-init): only thrown away
    for (std::uint64_t read = 0; !body.done() && read < kUnwantedBytesMax;) {
      const Result<std::size_t> got = co_await body.read(piece);
      if (!got) {
        break;
      }
      read += *got;
    }
    if (!body.done()) {
      next_ = Next::kFinish;
    }
  }

  // The request cannot be served at all; the client hears why, if it still listens.
  awaitable<void> refuse(base::Error error, int too_large_status = 431) {
    next_ = Next::kFinish;
    int status = 400;
    if (error.kind() == base::ErrorKind::kTimeout) {
      status = 408;
    } else if (error.kind() == base::ErrorKind::kTooLarge) {
      status = too_large_status;
    } else if (error.kind() != base::ErrorKind::kInvalid) {
      next_ = Next::kCut;
      co_return;
    }
    co_await send(failure(status, error.message()), {false, false}, false);
  }

  awaitable<void> send(const Response& response, Framing framing, bool is_head) {
    out_.clear();
    appendHead(out_, response, framing, date_.now());
    bool whole = true;
    if (is_head || !hasContent(response.status)) {
      whole = co_await writeOut();
    } else if (response.file) {
      whole = co_await sendFile(*response.file);
    } else if (response.body.size() <= kPieceBytes) {
      out_ += response.body;
      whole = co_await writeOut();
    } else {
      whole = co_await writeOut();
      if (whole) {
        whole = co_await wire_.write(response.body, config_.write_timeout);
      }
    }
    if (out_.capacity() > kPieceBytes) {
      out_ = std::string();
    }
    if (!whole) {
      next_ = Next::kCut;
    }
    if (response.sent) {
      response.sent();
    }
  }

  awaitable<bool> writeOut() {
    const std::size_t at_once = wire_.writeNow(out_);
    if (at_once == out_.size()) {
      co_return true;
    }
    const bool sent =
        co_await wire_.write(std::string_view(out_).substr(at_once), config_.write_timeout);
    co_return sent;
  }

  // The first piece goes with the head, which is in out_. A file that is shorter than was announced
  // can be told only by cutting the connection.
  awaitable<bool> sendFile(const FileBody& file) {
    for (std::uint64_t at = 0;;) {
      const bool first = at == 0;
      const std::size_t before = out_.size();
      const std::uint64_t wanted = std::min<std::uint64_t>(file.bytes - at, kPieceBytes);
      out_.resize(before + static_cast<std::size_t>(wanted));
      const ssize_t got = ::pread(file.file.get(), out_.data() + before, out_.size() - before,
                                  static_cast<off_t>(file.offset + at));
      if (got < 0 || (got == 0 && wanted > 0)) {
        co_return false;
      }
      out_.resize(before + static_cast<std::size_t>(got));
      at += static_cast<std::uint64_t>(got);
      // Only the first at once: a fast client of a long file would keep all others waiting.
      bool sent = false;
      if (first) {
        sent = co_await writeOut();
      } else {
        sent = co_await wire_.write(out_, config_.write_timeout);
      }
      if (!sent || at == file.bytes) {
        co_return sent;
      }
      out_.clear();
    }
  }

  Wire<Stream> wire_;
  const ServerConfig& config_;
  const Router& router_;
  DateHeader& date_;
  std::string out_;  ///< an answer's bytes; kept for the next one's
  Next next_ = Next::kRequest;
};

}  // namespace tango::http
