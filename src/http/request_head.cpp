#include "http/request_head.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include "base/ascii.hpp"

namespace tango::http {
namespace {

using base::Error;
using base::ErrorKind;
using boost::beast::error_code;
using boost::beast::string_view;
namespace beast_http = boost::beast::http;

Error notHttp(const std::string& what) {
  return {ErrorKind::kInvalid, "not a request as HTTP has it: " + what};
}

bool isNumber(string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Beast knows the grammar of the lines; what it would let through is refused here.
class Parser final : public beast_http::basic_parser<true> {
 public:
  explicit Parser(RequestHead& head) : head_(head) {
    header_limit(std::numeric_limits<std::uint32_t>::max());
    body_limit(boost::none);
    head.request.headers.reserve(8);
  }

  [[nodiscard]] const std::optional<Error>& refused() const { return refused_; }

 private:
  void refuse(Error error, error_code& failure) {
    refused_ = std::move(error);
    failure = beast_http::error::bad_value;
  }

  void once(bool& seen, const char* name, error_code& failure) {
    if (seen) {
      refuse(notHttp(std::string(name) + " stands there twice"), failure);
    }
    seen = true;
  }

  void on_request_impl(beast_http::verb verb, string_view method, string_view target, int version,
                       error_code& /*failure*/) override {
    head_.is_head = verb == beast_http::verb::head;
    head_.http_1_0 = version < 11;
    head_.request.method = head_.is_head ? string_view("GET") : method;
    head_.request.target = target;
  }

  void on_field_impl(beast_http::field field, string_view name, string_view value,
                     error_code& failure) override {
    auto& headers = head_.request.headers;
    if (headers.size() >= kHeadersMax) {
      refuse({ErrorKind::kTooLarge, "the request has too many headers"}, failure);
      return;
    }
    switch (field) {
      case beast_http::field::host:
        once(host_, "Host", failure);
        break;
      case beast_http::field::content_length:
        once(length_, "Content-Length", failure);
        if (!isNumber(value)) {
          refuse(notHttp("Content-Length is no number"), failure);
        }
        break;
      case beast_http::field::transfer_encoding:
        once(coding_, "Transfer-Encoding", failure);
        if (head_.http_1_0 || !boost::beast::iequals(value, "chunked")) {
          refuse(notHttp("a Transfer-Encoding other than chunked"), failure);
        }
        break;
      case beast_http::field::expect:
        head_.expects_continue = !head_.http_1_0 && boost::beast::iequals(value, "100-continue");
        break;
      default:
        break;
    }
    headers.emplace_back(base::lowered(name), std::string(value));
  }

  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view, error_code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view, error_code&) override { return 0; }
  void on_finish_impl(error_code&) override {}

  RequestHead& head_;
  std::optional<Error> refused_;
  bool host_ = false;
  bool length_ = false;
  bool coding_ = false;
};

bool beginsMethod(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

}  // namespace

Result<std::size_t> HeadScan::find(std::string_view bytes) {
  if (scanned_ == 0 && !bytes.empty() && bytes != "\r" && !beginsMethod(bytes.front())) {
    return notHttp("no method");
  }
  while (scanned_ < bytes.size()) {
    const void* found = std::memchr(bytes.data() + scanned_, '\n', bytes.size() - scanned_);
    if (found == nullptr) {
      scanned_ = bytes.size();
      break;
    }
    const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
    if (at == line_ || bytes[at - 1] != '\r') {
      return notHttp("a line does not end with CR LF");
    }
    if (at - 1 == line_) {
      return at + 1;
    }
    if (bytes[line_] == ' ' || bytes[line_] == '\t') {
      return notHttp("a header is folded");
    }
    line_ = at + 1;
    scanned_ = line_;
  }
  return std::size_t{0};
}

Result<RequestHead> parseHead(std::string_view bytes) {
  RequestHead head;
  Parser parser(head);
  error_code failure;
  const std::size_t taken =
      parser.put(boost::asio::const_buffer(bytes.data(), bytes.size()), failure);
  if (parser.refused()) {
    return *parser.refused();
  }
  if (failure) {
    return notHttp(failure.message());
  }
  if (!parser.is_header_done() || taken != bytes.size()) {
    return notHttp("the head has no end");
  }
  head.keep_alive = parser.keep_alive();
  head.body.chunked = parser.chunked();
  head.body.length = parser.content_length().value_or(0);
  return head;
}

}  // namespace tango::http
