#include "http/client_exchange.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <optional>

#include <unistd.h>

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/error.hpp>

#include "base/ascii.hpp"
#include "http/client_head.hpp"

namespace tango::http {
namespace {

using base::Error;
using base::ErrorKind;
using boost::asio::cancellation_type;
using boost::beast::error_code;
namespace beast_http = boost::beast::http;

constexpr std::uint32_t kHeadBytesMax = 64 * 1024;
constexpr int kInterimMax = 32;
constexpr std::size_t kPieceSent = 128 * 1024;
constexpr std::size_t kPieceRead = 32 * 1024;
constexpr int kSwitchingProtocols = 101;

Error tooLarge(const char* what) {
  return {ErrorKind::kTooLarge, std::string(what) + " is too large"};
}

Error readFailure(const error_code& failure) {
  if (failure == beast_http::error::header_limit || failure == beast_http::error::buffer_overflow) {
    return tooLarge("the head of the answer, or of a piece of it,");
  }
  if (failure == beast_http::error::end_of_stream || failure == boost::asio::error::eof) {
    return {ErrorKind::kSystem, "the connection ended before an answer came"};
  }
  return {ErrorKind::kSystem, "read the answer: " + failure.message()};
}

bool isEnd(const error_code& failure) {
  namespace error = boost::asio::error;
  return failure == beast_http::error::end_of_stream || failure == error::eof ||
         failure == error::connection_reset || failure == error::connection_aborted ||
         failure == error::broken_pipe || failure == boost::asio::ssl::error::stream_truncated;
}

Result<std::size_t> readFile(const BodyPart& part, std::uint64_t at, std::string& room) {
  const ssize_t got =
      ::pread(part.file.get(), room.data(), room.size(), static_cast<off_t>(part.file_offset + at));
  if (got < 0) {
    return base::systemError(errno, "read the file to be sent");
  }
  if (got == 0) {
    return Error(ErrorKind::kSystem, "the file to be sent became shorter");
  }
  return static_cast<std::size_t>(got);
}

// How the sending ended. A failure of our own leaves the peer waiting for the rest.
struct Sent {
  bool all = false;
  std::optional<Error> own_failure;
};
struct HeadRead {};

// The two run side by side: when the head of the answer is there (or will not come), the rest of
// the body is of no use to anyone. When all is sent, or the peer takes no more, what it says
// counts.
struct HeadEndsSending {
  cancellation_type operator()(const std::exception_ptr& thrown, const Sent& sent) const {
    return thrown || sent.own_failure ? cancellation_type::terminal : cancellation_type::none;
  }
  cancellation_type operator()(const std::exception_ptr& /*thrown*/, HeadRead /*read*/) const {
    return cancellation_type::terminal;
  }
};

class Conversation {
 public:
  Conversation(ClientConnection& connection, const ClientRequest& request, const std::string& head)
      : connection_(connection), request_(request), head_(head) {}

  awaitable<Exchange> run();

 private:
  awaitable<Sent> sendAll();
  awaitable<Sent> sendBytes(std::string_view bytes);
  awaitable<Sent> sendFile(const BodyPart& part);
  awaitable<HeadRead> readHead();
  awaitable<Exchange> readBody();
  Exchange failed();
  ClientResponse response() const;
  void count(std::size_t bytes);

  ClientConnection& connection_;
  const ClientRequest& request_;
  const std::string& head_;
  std::uint64_t body_sent_ = 0;
  Sent sent_;
  std::optional<ResponseParser> parser_;
  error_code head_failure_ = boost::asio::error::operation_aborted;
  bool answered_ = false;  ///< a byte of an answer came
};

void Conversation::count(std::size_t bytes) {
  body_sent_ += bytes;
  if (request_.on_sent) {
    request_.on_sent(body_sent_);
  }
}

awaitable<Sent> Conversation::sendBytes(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kPieceSent);
    const error_code failure = co_await connection_.write(piece);
    if (failure) {
      co_return Sent();
    }
    count(piece.size());
    bytes.remove_prefix(piece.size());
  }
  co_return Sent{true, {}};
}

awaitable<Sent> Conversation::sendFile(const BodyPart& part) {
  std::string room;
  for (std::uint64_t at = 0; at < part.file_bytes;) {
    room.resize(
        static_cast<std::size_t>(std::min<std::uint64_t>(kPieceSent, part.file_bytes - at)));
    const Result<std::size_t> got = readFile(part, at, room);
    if (!got) {
      co_return Sent{false, got.error()};
    }
    const error_code failure = co_await connection_.write(std::string_view(room).substr(0, *got));
    if (failure) {
      co_return Sent();
    }
    count(*got);
    at += *got;
  }
  co_return Sent{true, {}};
}

awaitable<Sent> Conversation::sendAll() {
  const error_code failure = co_await connection_.write(head_);
  Sent sent{!failure, {}};
  for (auto part = request_.body.begin(); sent.all && part != request_.body.end(); ++part) {
    if (part->file) {
      sent = co_await sendFile(*part);
    } else {
      sent = co_await sendBytes(part->bytes);
    }
  }
  co_return sent;
}

// Answers of 1xx come before the real one; what was not asked for, a switch of protocols, is real.
awaitable<HeadRead> Conversation::readHead() {
  for (int interim = 0; interim <= kInterimMax; ++interim) {
    parser_.emplace();
    parser_->header_limit(kHeadBytesMax);
    parser_->body_limit(boost::none);
    parser_->skip(request_.method == "HEAD");
    head_failure_ = co_await connection_.readHead(*parser_);
    answered_ = answered_ || parser_->got_some();
    if (head_failure_) {
      break;
    }
    const unsigned status = parser_->get().result_int();
    if (status >= 200 || status == kSwitchingProtocols) {
      co_return HeadRead();
    }
    head_failure_ = beast_http::error::header_limit;
  }
  co_return HeadRead();
}

ClientResponse Conversation::response() const {
  ClientResponse response;
  response.status = static_cast<int>(parser_->get().result_int());
  for (const auto& field : parser_->get()) {
    response.headers.emplace_back(base::lowered(field.name_string()), std::string(field.value()));
  }
  return response;
}

awaitable<Exchange> Conversation::readBody() {
  ClientResponse response = this->response();
  const Result<void> wanted = request_.on_head ? request_.on_head(response) : Result<void>();
  if (!wanted) {
    co_return Exchange{wanted.error()};
  }
  if (!parser_->is_done() && parser_->content_length().value_or(0) > request_.answer_bytes_max) {
    co_return Exchange{tooLarge("the answer")};
  }
  std::string room(kPieceRead, '\0');
  std::uint64_t bytes = 0;
  while (!parser_->is_done()) {
    auto& body = parser_->get().body();
    body.data = room.data();
    body.size = room.size();
    body.more = true;
    const error_code failure = co_await connection_.readSome(*parser_);
    if (failure && failure != beast_http::error::need_buffer) {
      co_return Exchange{readFailure(failure)};
    }
    const auto piece = std::string_view(room).substr(0, room.size() - body.size);
    bytes += piece.size();
    if (bytes > request_.answer_bytes_max) {
      co_return Exchange{tooLarge("the answer")};
    }
    if (!request_.on_body) {
      response.body.append(piece);
      continue;
    }
    const Result<void> taken = piece.empty() ? Result<void>() : request_.on_body(piece);
    if (!taken) {
      co_return Exchange{taken.error()};
    }
  }
  const bool reusable = sent_.all && parser_->get().keep_alive() && !parser_->need_eof() &&
                        response.status != kSwitchingProtocols && connection_.isQuiet();
  co_return Exchange{std::move(response), reusable, false, sent_.all};
}

Exchange Conversation::failed() {
  if (sent_.own_failure) {
    return {*sent_.own_failure};
  }
  return {readFailure(head_failure_), false, !answered_ && isEnd(head_failure_)};
}

awaitable<Exchange> Conversation::run() {
  const auto executor = co_await boost::asio::this_coro::executor;
  auto [order, not_sent, sent, not_read, read] =
      co_await boost::asio::experimental::make_parallel_group(
          boost::asio::co_spawn(executor, sendAll(), boost::asio::deferred),
          boost::asio::co_spawn(executor, readHead(), boost::asio::deferred))
          .async_wait(HeadEndsSending(), boost::asio::use_awaitable);
  if (!not_sent) {
    sent_ = std::move(sent);
  }
  if (head_failure_) {
    co_return failed();
  }
  Exchange done = co_await readBody();
  co_return done;
}

}  // namespace

awaitable<Exchange> exchange(ClientConnection& connection, const ClientRequest& request,
                             const std::string& head) {
  Conversation conversation(connection, request, head);
  Exchange done = co_await conversation.run();
  co_return done;
}

}  // namespace tango::http
