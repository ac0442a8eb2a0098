#include "conformance/job_store/store_under_test.hpp"
#include "store/sqlite_job_store.hpp"

namespace tango::test {

base::Result<std::unique_ptr<store::JobStore>> openStoreUnderTest(
    boost::asio::any_io_executor executor, const std::filesystem::path& folder) {
  return store::SqliteJobStore::open(executor, folder / "jobs.sqlite");
}

}  // namespace tango::test
