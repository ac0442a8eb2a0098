#include "http/answer.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <boost/beast/http/status.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

namespace tango::http {
namespace {

bool isOneLine(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

void appendHeader(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

void appendNumber(std::string& text, std::uint64_t number) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  text.append(digits.data(), end);
}

}  // namespace

bool isSendable(const Response& response) {
  return isOneLine(response.content_type) &&
         std::all_of(response.headers.begin(), response.headers.end(), [](const auto& header) {
           return isOneLine(header.first) && isOneLine(header.second);
         });
}

bool hasContent(int status) {
  return status != 204 && status != 304;
}

void appendHead(std::string& head, const Response& response, Framing framing,
                std::string_view date) {
  const auto reason =
      boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(response.status));
  head.append(framing.http_1_0 ? "HTTP/1.0 " : "HTTP/1.1 ");
  appendNumber(head, static_cast<std::uint64_t>(response.status));
  head.append(" ").append(reason.data(), reason.size()).append("\r\n");
  appendHeader(head, "Server", "tango");
  appendHeader(head, "Date", date);
  for (const auto& [name, value] : response.headers) {
    appendHeader(head, name, value);
  }
  if (hasContent(response.status)) {
    appendHeader(head, "Content-Type", response.content_type);
    head.append("Content-Length: ");
    appendNumber(head, response.file ? response.file->bytes : response.body.size());
    head.append("\r\n");
  }
  if (!framing.keep_alive) {
    appendHeader(head, "Connection", "close");
  } else if (framing.http_1_0) {
    appendHeader(head, "Connection", "keep-alive");
  }
  head.append("\r\n");
}

Response failure(int status, std::string_view message) {
  Response response;
  response.status = status;
  response.body =
      R"({"statusId":-1,"statusMsg":)" + boost::json::serialize(boost::json::string(message)) + "}";
  return response;
}

}  // namespace tango::http
