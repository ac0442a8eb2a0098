#include "http/client_resolver.hpp"

#include <future>
#include <semaphore>
#include <string>

#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>

#include "support/run_on.hpp"

using tango::base::Error;
using tango::base::ErrorKind;
using tango::base::Result;
using tango::http::Addresses;
using tango::http::LookUp;
using tango::http::Resolver;
using tango::test::runOn;

namespace {

constexpr tango::base::Millis kPatient{120'000};

// Names that begin with "slow" are found only when the test lets them be.
struct Gate {
  std::shared_ptr<std::counting_semaphore<>> open = std::make_shared<std::counting_semaphore<>>(0);
  std::shared_ptr<std::counting_semaphore<>> passed =
      std::make_shared<std::counting_semaphore<>>(0);

  [[nodiscard]] LookUp lookUp() const {
    return [open = open, passed = passed](const std::string& host) -> Result<Addresses> {
      if (host.starts_with("slow")) {
        open->acquire();
        passed->release();
      }
      return Addresses{boost::asio::ip::make_address("127.0.0.9")};
    };
  }
};

Result<Addresses> resolved(const Resolver& resolver, const std::string& host,
                           tango::base::Millis timeout = kPatient) {
  boost::asio::io_context context;
  return runOn(context, resolver.resolve(host, tango::base::after(timeout)));
}

}  // namespace

TEST_CASE("the system knows localhost") {
  const auto addresses = resolved(Resolver(), "localhost");
  REQUIRE(addresses.ok());
  for (const auto& address : *addresses) {
    CHECK(address.is_loopback());
  }
}

TEST_CASE("an address is not looked up") {
  const Resolver resolver([](const std::string&) -> Result<Addresses> {
    return Error(ErrorKind::kSystem, "it was looked up");
  });
  for (const std::string address : {"192.0.2.1", "2001:db8::1"}) {
    const auto addresses = resolved(resolver, address);
    REQUIRE(addresses.ok());
    REQUIRE(addresses->size() == 1);
    CHECK(addresses->front().to_string() == address);
  }
}

TEST_CASE("a name without an address is an error that names it") {
  const auto none = resolved(Resolver([](const std::string&) { return Addresses(); }), "none.test");
  REQUIRE(!none.ok());
  CHECK(none.error().message().find("none.test") != std::string::npos);
  const auto unknown = resolved(Resolver(), "no-such-name.invalid");
  REQUIRE(!unknown.ok());
  CHECK(unknown.error().kind() == ErrorKind::kSystem);
  CHECK(unknown.error().message().find("no-such-name.invalid") != std::string::npos);
}

TEST_CASE("a name that is slow to resolve holds up neither its caller nor another name") {
  const Gate gate;
  {
    const Resolver resolver(gate.lookUp());
    const auto late = resolved(resolver, "slow.test", tango::base::Millis(1));
    REQUIRE(!late.ok());
    CHECK(late.error().kind() == ErrorKind::kTimeout);
    CHECK(resolved(resolver, "quick.test").ok());
  }
  // It comes to its end when everyone who waited has gone.
  gate.open->release();
  gate.passed->acquire();
}

TEST_CASE("only so many names are looked up at once") {
  const Gate gate;
  const Resolver resolver(gate.lookUp());
  for (std::size_t each = 0; each < Resolver::kLookupsMax; ++each) {
    CHECK(!resolved(resolver, "slow.test", tango::base::Millis(0)).ok());
  }
  const auto refused = resolved(resolver, "quick.test");
  REQUIRE(!refused.ok());
  CHECK(refused.error().kind() == ErrorKind::kSystem);
  gate.open->release(static_cast<std::ptrdiff_t>(Resolver::kLookupsMax));
  for (std::size_t each = 0; each < Resolver::kLookupsMax; ++each) {
    gate.passed->acquire();
  }
  while (!resolved(resolver, "quick.test").ok()) {
  }
}
