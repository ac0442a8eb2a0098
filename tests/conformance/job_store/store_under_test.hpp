// What a job store's adapter gives to the suite.
#pragma once

#include <filesystem>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "store/job_store.hpp"

namespace tango::test {

/// Opens the store that is kept in `folder`, or makes it. The adapter of each store defines it.
base::Result<std::unique_ptr<store::JobStore>> openStoreUnderTest(
    boost::asio::any_io_executor executor, const std::filesystem::path& folder);

}  // namespace tango::test
