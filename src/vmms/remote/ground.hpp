// What all parts of a RemoteVmms stand on; what runs in the background holds it too.
#pragma once

#include <filesystem>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include "vmms/remote/cloud.hpp"
#include "vmms/remote/remote_vmms.hpp"

namespace tango::vmms::remote {

class Ground {
 public:
  /// Makes the folder where the configuration has none, and clears it of what an earlier service
  /// left there otherwise.
  Ground(boost::asio::any_io_executor its_executor, boost::asio::thread_pool& its_threads,
         std::shared_ptr<Cloud> its_cloud, RemoteConfig its_config);
  ~Ground();
  Ground(const Ground&) = delete;
  Ground& operator=(const Ground&) = delete;

  /// Returns after `duration`, or when the caller is cancelled.
  [[nodiscard]] boost::asio::awaitable<void> pause(base::Millis duration) const;

  const boost::asio::any_io_executor executor;
  boost::asio::thread_pool& blocking;
  const std::shared_ptr<Cloud> cloud;
  const RemoteConfig config;
  std::filesystem::path folder;

 private:
  bool owns_folder_ = false;
};

using GroundPtr = std::shared_ptr<const Ground>;

}  // namespace tango::vmms::remote
