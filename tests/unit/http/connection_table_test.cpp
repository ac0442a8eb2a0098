#include "http/connection_table.hpp"

#include <optional>

#include <doctest/doctest.h>

using tango::http::clientGroup;
using tango::http::Connection;
using tango::http::ConnectionTable;
using Verdict = ConnectionTable::Verdict;

namespace {

class Held final : public Connection {
 public:
  Held(ConnectionTable& table, const std::string& client)
      : Connection(client), entry_(table, *this, table.verdict(client)) {}
  void cut() override { cut_ = true; }
  void begin() { setIdle(false); }
  [[nodiscard]] bool isCut() const { return cut_; }
  [[nodiscard]] bool isEnding() const { return ending(); }

 private:
  bool cut_ = false;
  const ConnectionTable::Entry entry_;
};

}  // namespace

TEST_CASE("connections are bounded in all and for each client") {
  ConnectionTable table({.in_all = 3, .per_client = 2, .turned_away = 1});
  std::optional<Held> first(std::in_place, table, "10.0.0.1");
  const Held second(table, "10.0.0.1");
  CHECK(table.verdict("10.0.0.1") == Verdict::kTurnAway);
  CHECK(table.verdict("10.0.0.2") == Verdict::kServe);
  const Held third(table, "10.0.0.2");
  CHECK(table.verdict("10.0.0.3") == Verdict::kTurnAway);
  CHECK(table.served() == 3);
  {
    const Held turned_away(table, "10.0.0.3");
    CHECK(table.served() == 3);
    CHECK(table.verdict("10.0.0.3") == Verdict::kClose);
  }
  CHECK(table.verdict("10.0.0.3") == Verdict::kTurnAway);
  first.reset();
  CHECK(table.served() == 2);
  CHECK(table.verdict("10.0.0.1") == Verdict::kServe);
}

TEST_CASE("an IPv6 client is its network of 64 bits") {
  CHECK(clientGroup("2001:db8:1:2:3:4:5:6") == clientGroup("2001:db8:1:2::9"));
  CHECK(clientGroup("2001:db8:1:2::") != clientGroup("2001:db8:1:3::"));
  CHECK(clientGroup("10.0.0.1") != clientGroup("10.0.0.2"));
  CHECK(clientGroup("").empty());
}

TEST_CASE("a stop cuts those without a request and ends the others after it") {
  ConnectionTable table({.in_all = 3, .per_client = 3, .turned_away = 1});
  const Held idle(table, "10.0.0.1");
  Held busy(table, "10.0.0.1");
  busy.begin();
  table.endAll();
  CHECK(idle.isCut());
  CHECK(!busy.isCut());
  CHECK(busy.isEnding());
  table.cutAll();
  CHECK(busy.isCut());
}
