// The credentials of the instance that we run on, and how they are kept and renewed.
#include <optional>

#include <doctest/doctest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include "unit/aws/looking.hpp"
#include "unit/aws/metadata_service.hpp"

using namespace tango::test;
using tango::aws::Credentials;
using tango::base::ErrorKind;
using tango::base::Result;

namespace {

namespace asio = boost::asio;

constexpr tango::base::UnixMillis kMinute = 60'000;
const std::string kRole = "/grader";
const std::string kToken = "/latest/api/token";

// At 16:31:48, with credentials until 17:31:48.
struct OnInstance {
  OnInstance() {
    service.setRole("FIRST", "2026-11-24T17:31:48Z");
    looking.sources.environment.erase("AWS_EC2_METADATA_DISABLED");
    looking.sources.environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = service.endpoint();
  }
  MetadataService service;
  Looking looking;
};

// A call of `find` that goes on beside others.
class Finding {
 public:
  explicit Finding(Looking& looking) {
    asio::co_spawn(looking.context, run(looking.chain()),
                   asio::bind_cancellation_slot(signal_.slot(), [this](std::exception_ptr thrown) {
                     ended = true;
                     cancelled = static_cast<bool>(thrown);
                   }));
  }
  Finding(const Finding&) = delete;
  Finding& operator=(const Finding&) = delete;

  void cancel() { signal_.emit(asio::cancellation_type::terminal); }

  std::optional<Result<Credentials>> result;
  bool ended = false;
  bool cancelled = false;

 private:
  asio::awaitable<void> run(tango::aws::CredentialChain& chain) {
    Result<Credentials> found = co_await chain.find();
    result.emplace(std::move(found));
  }
  asio::cancellation_signal signal_;
};

template <class Condition>
void runUntil(Looking& looking, Condition holds) {
  looking.context.restart();
  while (!holds()) {
    looking.context.run_one_for(std::chrono::milliseconds(10));
  }
}

}  // namespace

TEST_CASE("the role's credentials are found behind every other source") {
  OnInstance here;
  const auto found = here.looking.find();
  REQUIRE_MESSAGE(found.ok(), found.error().message());
  CHECK(*found == Credentials{"FIRST", "HUSH", "token", 1795541508});
  CHECK(here.looking.chain().source() == "the metadata of this instance, role grader");

  OnInstance other;
  other.looking.write(".boto",
                      "[Credentials]\naws_access_key_id = BOTO\naws_secret_access_key = HUSH\n");
  CHECK(other.looking.foundId() == "BOTO");
  CHECK(other.service.asked(kToken) == 0);
}

TEST_CASE("they are kept, and found anew five minutes before they expire") {
  OnInstance here;
  CHECK(here.looking.foundId() == "FIRST");
  here.service.setRole("SECOND", "2026-11-24T23:31:48Z");
  here.looking.now_ms += 55 * kMinute - 1;
  CHECK(here.looking.foundId() == "FIRST");
  CHECK(here.service.asked(kRole) == 1);
  here.looking.now_ms += 1;
  CHECK(here.looking.foundId() == "SECOND");
  CHECK(here.looking.foundId() == "SECOND");
  CHECK(here.service.asked(kRole) == 2);
  CHECK(here.service.asked(kToken) == 2);
}

TEST_CASE("where there are no newer ones yet, they are asked for once a minute") {
  OnInstance here;
  here.service.setRole("FIRST", "2026-11-24T16:30:00Z");  // over, by our clock
  CHECK(here.looking.foundId() == "FIRST");
  here.looking.now_ms += kMinute - 1;
  CHECK(here.looking.foundId() == "FIRST");
  CHECK(here.service.asked(kRole) == 1);
  here.looking.now_ms += 1;
  CHECK(here.looking.foundId() == "FIRST");
  CHECK(here.service.asked(kRole) == 2);
}

TEST_CASE("old ones are used until they expire while the metadata gives no new ones") {
  OnInstance here;
  CHECK(here.looking.foundId() == "FIRST");
  here.service.refuse(kRole, "503 Service Unavailable");
  here.looking.now_ms += 56 * kMinute;
  CHECK(here.looking.foundId() == "FIRST");
  const std::size_t asked = here.service.asked(kRole);
  CHECK(here.looking.foundId() == "FIRST");
  CHECK(here.service.asked(kRole) == asked);
  here.looking.now_ms += 4 * kMinute;
  CHECK(here.looking.refusal(ErrorKind::kSystem) ==
        "the metadata of this instance: role grader: it answers 503");
  here.service.setRole("SECOND", "2026-11-24T23:31:48Z");
  here.service.refuse(kRole, "", 0);
  CHECK(here.looking.foundId() == "SECOND");
}

TEST_CASE("old ones that AWS refuses are not used again") {
  OnInstance here;
  CHECK(here.looking.foundId() == "FIRST");
  here.looking.chain().refused();
  here.service.refuse(kToken, "500 Internal Server Error");
  CHECK(here.looking.refusal(ErrorKind::kSystem) ==
        "the metadata of this instance: it answers 500");
}

TEST_CASE("a moment's refusal is tried again") {
  OnInstance here;
  here.service.refuse(kToken, "503 Service Unavailable", 2);
  here.service.refuse(kRole, "429 Too Many Requests", 2);
  CHECK(here.looking.foundId() == "FIRST");
  CHECK(here.service.asked(kToken) == 3);
  CHECK(here.service.asked(kRole) == 3);
}

TEST_CASE("an instance without a role, or without metadata, has no credentials to give") {
  OnInstance no_role;
  no_role.service.setRoleNames("");
  CHECK(no_role.looking.notFound().ends_with("the metadata of this instance (it has no role)"));
  for (const std::string status : {"403 Forbidden", "404 Not Found", "405 Method Not Allowed"}) {
    OnInstance off;
    off.service.refuse(kToken, status);
    CHECK(off.looking.notFound().ends_with("(it answers " + status.substr(0, 3) +
                                           " when asked for a token)"));
    CHECK(off.looking.region().empty());
  }
}

TEST_CASE("where nobody answers there are no credentials, and that is soon known") {
  OnInstance nobody;
  nobody.looking.sources.environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "http://127.0.0.1:1/";
  CHECK(nobody.looking.notFound().find("the metadata of this instance (") != std::string::npos);

  OnInstance silent;
  silent.service.hold();
  CHECK(silent.looking.notFound().find("127.0.0.1: no answer in time") != std::string::npos);
}

TEST_CASE("an endpoint that is no URL is refused") {
  OnInstance here;
  here.looking.sources.environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "169.254.169.254";
  CHECK(here.looking.invalid() == "AWS_EC2_METADATA_SERVICE_ENDPOINT is no URL");
}

TEST_CASE("a role that is not to be had is refused by its code") {
  OnInstance here;
  here.service.setRoleAnswer(R"({"Code":"AssumeRoleUnauthorizedAccess","Message":"HUSH"})");
  CHECK(here.looking.invalid() ==
        "the metadata of this instance, role grader: it is refused "
        "(AssumeRoleUnauthorizedAccess)");
}

TEST_CASE("answers that are none are told from good ones, and never shown") {
  for (const std::string names : {"../../HUSH", "a b", "<html>", "a?b", "caf\u00e9", " "}) {
    OnInstance here;
    here.service.setRoleNames(names);
    CHECK(here.looking.refusal(ErrorKind::kSystem) ==
          "the metadata of this instance: the name of its role is none");
  }
  for (const std::string token : {"", "a b", "<html> </html>", "HUSH\n", "\x01"}) {
    OnInstance here;
    here.service.setToken(token);
    CHECK(here.looking.refusal(ErrorKind::kSystem) ==
          "the metadata of this instance: its token is none");
  }
  OnInstance none;
  none.service.setRoleAnswer("<html>HUSH</html>");
  CHECK(none.looking.refusal(ErrorKind::kSystem).ends_with(": its answer is no JSON object"));
  OnInstance huge;
  huge.service.setRoleAnswer(std::string(1'000'000, 'x'));
  CHECK(huge.looking.refusal(ErrorKind::kSystem).starts_with("the metadata of this instance: "));
}

TEST_CASE("the first of several role names counts") {
  OnInstance here;
  here.service.setRoleNames("grader\nother\n");
  CHECK(here.looking.foundId() == "FIRST");
}

TEST_CASE("calls at the same time share one search, whatever comes of it") {
  OnInstance here;
  here.service.hold();
  Finding one(here.looking);
  Finding two(here.looking);
  Finding three(here.looking);
  const auto allEnded = [&] { return one.ended && two.ended && three.ended; };
  runUntil(here.looking, [&] { return here.service.asked(kToken) == 1; });
  CHECK(!one.ended);
  here.service.letGo();
  runUntil(here.looking, allEnded);
  for (const Finding* const each : {&one, &two, &three}) {
    REQUIRE(each->result);
    REQUIRE(each->result->ok());
    CHECK((*each->result)->access_key_id == "FIRST");
  }
  CHECK(here.service.asked(kToken) == 1);

  OnInstance failing;
  failing.service.setRoleAnswer("{}");
  Finding first(failing.looking);
  Finding second(failing.looking);
  runUntil(failing.looking, [&] { return first.ended && second.ended; });
  for (const Finding* const each : {&first, &second}) {
    REQUIRE(each->result);
    CHECK(!each->result->ok());
  }
  CHECK(failing.service.asked(kToken) == 1);
}

TEST_CASE("who waits for a search that is cancelled searches by itself") {
  OnInstance here;
  here.service.hold();
  Finding gone(here.looking);
  Finding waiting(here.looking);
  runUntil(here.looking, [&] { return here.service.asked(kToken) == 1; });
  gone.cancel();
  runUntil(here.looking, [&] { return gone.ended; });
  REQUIRE(gone.result);
  REQUIRE(!gone.result->ok());
  CHECK(gone.result->error().kind() == ErrorKind::kCancelled);
  here.service.letGo();
  runUntil(here.looking, [&] { return waiting.ended; });
  REQUIRE(waiting.result);
  REQUIRE(waiting.result->ok());
  CHECK((*waiting.result)->access_key_id == "FIRST");
}

TEST_CASE("who waits may be cancelled without an end to the search") {
  OnInstance here;
  here.service.hold();
  Finding searching(here.looking);
  Finding gone(here.looking);
  runUntil(here.looking, [&] { return here.service.asked(kToken) == 1; });
  gone.cancel();
  runUntil(here.looking, [&] { return gone.ended; });
  CHECK(gone.cancelled);
  CHECK(!searching.ended);
  here.service.letGo();
  runUntil(here.looking, [&] { return searching.ended; });
  REQUIRE(searching.result);
  CHECK(searching.result->ok());
  CHECK(here.service.asked(kToken) == 1);
}

TEST_CASE("what was looked for before AWS refused the old ones is not kept") {
  OnInstance here;
  here.service.hold();
  Finding early(here.looking);
  runUntil(here.looking, [&] { return here.service.asked(kToken) == 1; });
  here.looking.chain().refused();
  here.service.letGo();
  runUntil(here.looking, [&] { return early.ended; });
  here.service.setRole("SECOND", "2026-11-24T17:31:48Z");
  CHECK(here.looking.foundId() == "SECOND");
}

TEST_CASE("the region is the instance's where nothing else names one") {
  OnInstance here;
  CHECK(here.looking.region() == "eu-north-1");
  here.service.setRegion("eu-north-1\n");
  CHECK(here.looking.region() == "eu-north-1");
  here.service.setRegion("<html>");
  CHECK(here.looking.region().empty());
  here.service.setRegion("");
  CHECK(here.looking.region().empty());

  OnInstance named;
  named.looking.write(".aws/config", "[default]\nregion = us-east-1\n");
  CHECK(named.looking.region() == "us-east-1");
  CHECK(named.service.asked(kToken) == 0);
}
