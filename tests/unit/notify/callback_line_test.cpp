#include "notify/callback_line.hpp"

#include <doctest/doctest.h>

using tango::notify::CallbackLine;
using tango::notify::Turn;
using tango::store::Callback;

namespace {

Callback of(std::int64_t job_id) {
  Callback callback;
  callback.job_id = job_id;
  return callback;
}

void add(CallbackLine& line, const std::string& host, std::int64_t from, std::int64_t count) {
  for (std::int64_t each = 0; each < count; ++each) {
    line.add(of(from + each), host);
  }
}

// The jobs that begin now, in order.
std::vector<std::int64_t> begun(CallbackLine& line) {
  std::vector<std::int64_t> jobs;
  while (const std::optional<Turn> turn = line.next()) {
    jobs.push_back(turn->callback.job_id);
  }
  return jobs;
}

using Jobs = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("callbacks to one host begin in order and only so many at once") {
  CallbackLine line(16, 2);
  CHECK(begun(line).empty());
  add(line, "a", 1, 4);
  CHECK(begun(line) == Jobs{1, 2});
  line.ended("a", true);
  CHECK(begun(line) == Jobs{3});
}

TEST_CASE("only so many are under way in all") {
  CallbackLine line(3, 2);
  add(line, "a", 1, 5);
  add(line, "b", 11, 5);
  CHECK(begun(line) == Jobs{1, 11, 2});
  CHECK(!line.hasRoom());
  line.ended("b", true);
  CHECK(begun(line) == Jobs{12});
}

TEST_CASE("bounds of nothing let one begin") {
  CallbackLine line(0, 0);
  add(line, "a", 1, 2);
  CHECK(begun(line) == Jobs{1});
  line.ended("a", false);
  CHECK(begun(line) == Jobs{2});
}

TEST_CASE("a callback is not twice in the line") {
  CallbackLine line(16, 4);
  line.add(of(1), "a");
  line.add(of(1), "a");
  CHECK(begun(line) == Jobs{1});
  line.add(of(1), "a");
  line.ended("a", true);
  line.add(of(1), "a");
  CHECK(begun(line).empty());
  line.settled(1);
  line.add(of(1), "a");
  CHECK(begun(line) == Jobs{1});
}

TEST_CASE("what was settled while the store was read is not taken from what it answers") {
  CallbackLine line(16, 4);
  line.add(of(1), "a");
  CHECK(begun(line) == Jobs{1});
  line.beginLook();
  line.ended("a", true);
  line.settled(1);
  line.add(of(1), "a");
  line.endLook();
  CHECK(begun(line).empty());
  line.beginLook();
  line.add(of(1), "a");
  line.endLook();
  CHECK(begun(line) == Jobs{1});
}

TEST_CASE("a host that did not answer is tried by one callback until it does") {
  CallbackLine line(16, 4);
  add(line, "a", 1, 9);
  CHECK(begun(line) == Jobs{1, 2, 3, 4});
  line.ended("a", false);
  line.ended("a", std::nullopt);
  line.ended("a", std::nullopt);
  CHECK(begun(line).empty());
  line.ended("a", std::nullopt);
  CHECK(begun(line) == Jobs{5});
  line.ended("a", true);
  CHECK(begun(line) == Jobs{6, 7, 8, 9});
}

TEST_CASE("hosts that do not answer leave half of the room to others") {
  CallbackLine line(4, 4);
  for (const std::string host : {"w", "x", "y", "z"}) {
    line.add(of(host[0]), host);
  }
  CHECK(begun(line).size() == 4);
  for (const std::string host : {"w", "x", "y", "z"}) {
    line.ended(host, false);
    add(line, host, std::int64_t{1000} * host[0], 3);
  }
  CHECK(begun(line).size() == 2);
  add(line, "alive", 1, 3);
  CHECK(begun(line) == Jobs{1, 2});
}

TEST_CASE("hosts that are made up do not fill the memory of who does not answer") {
  CallbackLine line(1, 1);
  for (std::int64_t each = 0; each < 5000; ++each) {
    const std::string host = std::to_string(each);
    line.add(of(each), host);
    REQUIRE(begun(line) == Jobs{each});
    line.ended(host, false);
    line.settled(each);
  }
}
