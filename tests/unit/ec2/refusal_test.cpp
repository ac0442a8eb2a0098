// What EC2's error codes mean for us, and when a request is sent again.
#include "vmms/ec2/refusal.hpp"

#include <doctest/doctest.h>

#include "vmms/ec2/retry_plan.hpp"

using namespace tango::vmms::ec2;
using namespace std::chrono_literals;
using tango::base::ErrorKind;

namespace {

std::string answer(const std::string& code, const std::string& message) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>" + code +
         "</Code><Message>" + message +
         "</Message></Error></Errors><RequestID>ea966190-f9aa-478e</RequestID></Response>";
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

struct Row {
  int status;
  const char* code;
  Remedy remedy;
  ErrorKind kind;
};

constexpr Row kRows[] = {
    {503, "RequestLimitExceeded", Remedy::kAgain, ErrorKind::kSystem},
    {400, "Throttling", Remedy::kAgain, ErrorKind::kSystem},
    {500, "InternalError", Remedy::kAgain, ErrorKind::kSystem},
    {503, "Unavailable", Remedy::kAgain, ErrorKind::kSystem},
    {500, "SomethingNewOfTheServer", Remedy::kAgain, ErrorKind::kSystem},
    {401, "AuthFailure", Remedy::kCredentials, ErrorKind::kInvalid},
    {400, "ExpiredToken", Remedy::kCredentials, ErrorKind::kInvalid},
    {400, "RequestExpired", Remedy::kCredentials, ErrorKind::kInvalid},
    {400, "InvalidClientTokenId", Remedy::kCredentials, ErrorKind::kInvalid},
    {403, "UnauthorizedOperation", Remedy::kNone, ErrorKind::kInvalid},
    {500, "InsufficientInstanceCapacity", Remedy::kElsewhere, ErrorKind::kSystem},
    {400, "Unsupported", Remedy::kElsewhere, ErrorKind::kUnsupported},
    {400, "InstanceLimitExceeded", Remedy::kNone, ErrorKind::kSystem},
    {400, "VcpuLimitExceeded", Remedy::kNone, ErrorKind::kSystem},
    {400, "MaxSpotInstanceCountExceeded", Remedy::kNone, ErrorKind::kSystem},
    {400, "InvalidInstanceID.NotFound", Remedy::kNone, ErrorKind::kNotFound},
    {400, "InvalidAMIID.NotFound", Remedy::kNone, ErrorKind::kNotFound},
    {400, "InvalidAMIID.Malformed", Remedy::kNone, ErrorKind::kNotFound},
    {400, "InvalidAMIID.Unavailable", Remedy::kNone, ErrorKind::kNotFound},
    {400, "InvalidParameterValue", Remedy::kNone, ErrorKind::kInvalid},
    {400, "SomethingNewOfTheClient", Remedy::kNone, ErrorKind::kInvalid},
};

}  // namespace

TEST_CASE("each code has its remedy and its kind") {
  for (const Row& row : kRows) {
    CAPTURE(row.code);
    const Refusal refusal = refusalOf(row.status, answer(row.code, "words"));
    CHECK(refusal.code == row.code);
    CHECK(remedyOf(refusal) == row.remedy);
    const auto error = errorOf(refusal, "RunInstances", std::nullopt);
    CHECK(error.kind() == row.kind);
    CHECK(has(error.message(), "words"));
    CHECK(has(error.message(), "RunInstances"));
  }
}

TEST_CASE("an answer without a code goes by its status") {
  for (const char* body : {"", "<html><body>Bad Gateway</body></html>", "<<<", "<Response/>"}) {
    CHECK(remedyOf(refusalOf(502, body)) == Remedy::kAgain);
    CHECK(errorOf(refusalOf(502, body), "A", 0).kind() == ErrorKind::kSystem);
    CHECK(remedyOf(refusalOf(404, body)) == Remedy::kNone);
    CHECK(errorOf(refusalOf(404, body), "A", 0).kind() == ErrorKind::kInvalid);
    CHECK(has(errorOf(refusalOf(404, body), "A", 0).message(), "404"));
  }
}

TEST_CASE("a right that is missing is named, and what only AWS can decode is cut") {
  const auto error =
      errorOf(refusalOf(403, answer("UnauthorizedOperation",
                                    "You are not authorized to perform this operation. Encoded "
                                    "authorization failure message: zb6I0dSBDq-secret")),
              "RunInstances", std::nullopt);
  CHECK(error.kind() == ErrorKind::kInvalid);
  CHECK(has(error.message(), "ec2:RunInstances"));
  CHECK_FALSE(has(error.message(), "zb6I0dSBDq"));
}

TEST_CASE("a clock that is off is told with by how much") {
  const Refusal refusal = refusalOf(400, answer("RequestExpired", "Request has expired."));
  const auto behind = errorOf(refusal, "DescribeInstances", 420);
  CHECK(behind.kind() == ErrorKind::kSystem);
  CHECK(has(behind.message(), "420 seconds behind"));
  CHECK(has(errorOf(refusal, "DescribeInstances", -900).message(), "900 seconds ahead"));
  // The same code is that of credentials that have expired.
  CHECK(errorOf(refusal, "DescribeInstances", 3).kind() == ErrorKind::kInvalid);
}

TEST_CASE("words that have no end are cut") {
  const auto error =
      errorOf(refusalOf(400, answer("InvalidParameterValue", std::string(100'000, 'x'))), "A", 0);
  CHECK(error.message().size() < 600);
}

TEST_CASE("a Date header is read, whatever the locale, and nothing else is") {
  CHECK(timeOfDate("Tue, 24 Nov 2026 10:28:21 GMT") == 1'795'516'101);
  CHECK(timeOfDate("Thu, 01 Jan 1970 00:00:00 GMT") == 0);
  for (const char* bad : {"", "now", "Tue, 24 Nov 2026 10:28:21 CET",
                          "Tue, 24 Foo 2026 10:28:21 GMT", "Tue, 31 Feb 2026 10:28:21 GMT",
                          "Tue, -4 Nov 2026 10:28:21 GMT", "Tue, 24 anF 2026 10:28:21 GMT"}) {
    CHECK_FALSE(timeOfDate(bad));
  }
}

TEST_CASE("pauses double up to a bound, and each is a random part of its length") {
  const auto start = tango::base::Deadline{} + 1h;
  for (const double part : {0.0, 0.5, 0.999}) {
    RetryPlan plan(start + 24h, [part] { return part; });
    auto now = start;
    auto longest = std::chrono::duration_cast<std::chrono::milliseconds>(RetryPlan::kPauseMin);
    for (int failure = 0; failure < 12; ++failure) {
      const auto next = plan.failed(now);
      REQUIRE(next);
      CHECK(*next - now <= longest);
      CHECK(*next - now >= longest * part - 1ms);
      now = *next;
      longest = std::min<std::chrono::milliseconds>(longest * 2, RetryPlan::kPauseMax);
    }
  }
}

TEST_CASE("no pause is longer than the time that is left") {
  const auto start = tango::base::Deadline{} + 1h;
  RetryPlan plan(start + 250ms, [] { return 0.999; });
  CHECK(plan.failed(start));
  CHECK_FALSE(plan.failed(start + 199ms));
}
