#include "tango/serve/vm_ids.hpp"

#include <memory>
#include <set>

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "store/sqlite_job_store.hpp"
#include "support/run_on.hpp"
#include "support/temp_folder.hpp"

namespace tango::app {
namespace {

std::unique_ptr<store::JobStore> storeIn(boost::asio::io_context& context,
                                         const test::TempFolder& folder) {
  auto opened = store::SqliteJobStore::open(context.get_executor(), folder.path() / "tango.db");
  REQUIRE(opened.ok());
  return *std::move(opened);
}

TEST_CASE("the first VM is 1000, and no number comes twice, over a restart neither") {
  const test::TempFolder folder;
  std::set<std::int64_t> seen;
  for (int life = 0; life < 3; ++life) {
    boost::asio::io_context context;
    const auto store = storeIn(context, folder);
    VmIds ids(context.get_executor(), *store);
    for (int i = 0; i < 1500; ++i) {  // more than one block
      const base::Result<std::int64_t> id = test::runOn(context, ids.next());
      REQUIRE(id.ok());
      CHECK(seen.insert(*id).second);
    }
  }
  CHECK(*seen.begin() == 1000);
}

TEST_CASE("those who ask at once get a number each") {
  const test::TempFolder folder;
  boost::asio::io_context context;
  const auto store = storeIn(context, folder);
  VmIds ids(context.get_executor(), *store);
  std::set<std::int64_t> seen;
  const auto ask = [&]() -> boost::asio::awaitable<void> {
    const base::Result<std::int64_t> id = co_await ids.next();
    CHECK(id.ok());
    seen.insert(*id);
  };
  constexpr std::size_t kAsking = 2'500;
  for (std::size_t i = 0; i < kAsking; ++i) {
    boost::asio::co_spawn(context, ask(), boost::asio::detached);
  }
  while (seen.size() < kAsking) {
    context.run_one();
  }
  CHECK(*seen.rbegin() == 1000 + static_cast<std::int64_t>(kAsking) - 1);
}

}  // namespace
}  // namespace tango::app
