#include "http/answer.hpp"

#include <doctest/doctest.h>

#include "http/http_date.hpp"

using namespace tango::http;

TEST_CASE("a date is written as HTTP has it") {
  CHECK(httpDate(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT");
  DateHeader date;
  CHECK(date.now().ends_with(" GMT"));
}

TEST_CASE("an answer's head says how long the answer is and how the connection goes on") {
  Response response;
  response.body = "{}";
  response.headers.emplace_back("Allow", "GET");
  std::string head;
  appendHead(head, response, {}, "now");
  CHECK(head ==
        "HTTP/1.1 200 OK\r\nServer: tango\r\nDate: now\r\nAllow: GET\r\n"
        "Content-Type: application/json; charset=UTF-8\r\nContent-Length: 2\r\n\r\n");
  head.clear();
  appendHead(head, response, {.http_1_0 = true, .keep_alive = true}, "now");
  CHECK(head.starts_with("HTTP/1.0 200 OK\r\n"));
  CHECK(head.ends_with("Connection: keep-alive\r\n\r\n"));
  head.clear();
  appendHead(head, response, {.http_1_0 = false, .keep_alive = false}, "now");
  CHECK(head.ends_with("Connection: close\r\n\r\n"));
}

TEST_CASE("an answer without content has no headers of it") {
  Response response;
  response.status = 204;
  std::string head;
  appendHead(head, response, {}, "now");
  CHECK(head == "HTTP/1.1 204 No Content\r\nServer: tango\r\nDate: now\r\n\r\n");
}

TEST_CASE("a header of more than one line cannot be sent") {
  Response response;
  CHECK(isSendable(response));
  for (const std::string& bad :
       {std::string("a\rb"), std::string("a\nb"), std::string("a\0b", 3)}) {
    response.headers = {{"Name", bad}};
    CHECK(!isSendable(response));
    response.headers = {{bad, "value"}};
    CHECK(!isSendable(response));
    response.headers.clear();
    response.content_type = bad;
    CHECK(!isSendable(response));
    response.content_type = "text/plain";
  }
}

TEST_CASE("a message is quoted as JSON has it") {
  CHECK(failure(400, "a \"b\"").body == R"({"statusId":-1,"statusMsg":"a \"b\""})");
}
