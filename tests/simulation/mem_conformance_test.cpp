// MemJobStore under the suite of the job stores.
#include "conformance/job_store/store_under_test.hpp"
#include "support/mem_job_store.hpp"

namespace tango::test {

base::Result<std::unique_ptr<store::JobStore>> openStoreUnderTest(
    boost::asio::any_io_executor executor, const std::filesystem::path& folder) {
  static std::map<std::filesystem::path, std::shared_ptr<MemJobs>> stores;
  std::shared_ptr<MemJobs>& data = stores[folder];
  data = data ? data : std::make_shared<MemJobs>();
  return {std::make_unique<MemJobStore>(std::move(executor), data)};
}

}  // namespace tango::test
