#include "notify/attempt.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using tango::base::Error;
using tango::base::ErrorKind;
using tango::base::Millis;
using tango::http::ClientResponse;
using tango::notify::AttemptEnd;
using tango::notify::judge;
using tango::notify::NotifierConfig;
using tango::notify::pauseAfter;
using Next = AttemptEnd::Next;

namespace {

AttemptEnd ofStatus(int status, const std::string& retry_after = "") {
  ClientResponse head;
  head.status = status;
  if (!retry_after.empty()) {
    head.headers.emplace_back("retry-after", retry_after);
  }
  return judge(head, head);
}

NotifierConfig config() {
  NotifierConfig made;
  made.backoff_min = 2s;
  made.backoff_max = 600s;
  return made;
}

}  // namespace

TEST_CASE("2xx is success") {
  for (const int status : {200, 201, 202, 204, 299}) {
    CHECK(ofStatus(status).next == Next::kNone);
  }
}

TEST_CASE("what passes by itself is tried again") {
  for (const int status : {408, 429, 500, 502, 503, 504, 599, 999}) {
    const AttemptEnd end = ofStatus(status);
    CHECK(end.next == Next::kAgain);
    CHECK(end.host_answers == true);
    CHECK(end.error.find(std::to_string(status)) != std::string::npos);
  }
  for (const ErrorKind kind : {ErrorKind::kTimeout, ErrorKind::kSystem, ErrorKind::kTooLarge}) {
    const AttemptEnd end = judge(std::nullopt, Error(kind, "why"));
    CHECK(end.next == Next::kAgain);
    CHECK(end.host_answers == false);
    CHECK(end.error == "why");
  }
}

TEST_CASE("a receiver that does not want it refuses it") {
  for (const int status : {101, 300, 301, 302, 307, 400, 401, 403, 404, 405, 410, 413, 422}) {
    CHECK(ofStatus(status).next == Next::kRefused);
  }
  CHECK(judge(std::nullopt, Error(ErrorKind::kInvalid, "no")).next == Next::kRefused);
}

TEST_CASE("an answer's head counts whatever becomes of its body") {
  ClientResponse head;
  head.status = 200;
  CHECK(judge(head, Error(ErrorKind::kTooLarge, "endless")).next == Next::kNone);
  head.status = 503;
  CHECK(judge(head, Error(ErrorKind::kTimeout, "slow")).next == Next::kAgain);
}

TEST_CASE("pauses double between their bounds and are shortened by chance") {
  const AttemptEnd end = ofStatus(500);
  CHECK(pauseAfter(1, end, config(), 0) == 2s);
  CHECK(pauseAfter(2, end, config(), 0) == 4s);
  CHECK(pauseAfter(3, end, config(), 0) == 8s);
  CHECK(pauseAfter(9, end, config(), 0) == 512s);
  CHECK(pauseAfter(10, end, config(), 0) == 600s);
  CHECK(pauseAfter(1'000'000, end, config(), 0) == 600s);
  CHECK(pauseAfter(3, end, config(), 0.5) == 6s);
  CHECK(pauseAfter(3, end, config(), 1) == 4s);
}

TEST_CASE("bounds that make no sense still give a pause") {
  NotifierConfig none;
  none.backoff_min = 0ms;
  none.backoff_max = 0ms;
  CHECK(pauseAfter(5, ofStatus(500), none, 0) >= 1ms);
  CHECK(pauseAfter(5, ofStatus(500, "0"), none, 0) >= 1ms);
}

TEST_CASE("a receiver's wish counts within the bounds and is never cut short") {
  CHECK(pauseAfter(1, ofStatus(503, "30"), config(), 0) == 30s);
  CHECK(pauseAfter(1, ofStatus(503, "30"), config(), 1) == 32s);
  CHECK(pauseAfter(1, ofStatus(429, "0"), config(), 0) == 2s);
  CHECK(pauseAfter(1, ofStatus(503, "99999999999999999"), config(), 0) == 600s);
  for (const char* text :
       {"-5", "soon", "5s", "Wed, 21 Oct 2026 07:28:00 GMT", "1.5", "99999999999999999999999999"}) {
    CAPTURE(text);
    CHECK(pauseAfter(1, ofStatus(503, text), config(), 0) == 2s);
  }
}
