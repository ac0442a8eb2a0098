// The bytes of an answer's head, and the answers that the server gives by itself.
#pragma once

#include <string>
#include <string_view>

#include "http/message.hpp"

namespace tango::http {

/// How an answer's connection goes on.
struct Framing {
  bool http_1_0 = false;
  bool keep_alive = true;
};

/// No header of it has a line's end or a NUL in it: what a client sent cannot end a head.
[[nodiscard]] bool isSendable(const Response& response);

/// Appends the status line and all headers, the empty line included, to `head`. `date` is
/// DateHeader's. 204 and 304 have neither content nor its headers (RFC 9110, 8.6).
void appendHead(std::string& head, const Response& response, Framing framing,
                std::string_view date);

/// Whether an answer of that status has content.
[[nodiscard]] bool hasContent(int status);

/// A JSON answer as the wire knows it: `{"statusId":-1,"statusMsg":"..."}`.
[[nodiscard]] Response failure(int status, std::string_view message);

}  // namespace tango::http
