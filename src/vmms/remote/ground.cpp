#include "vmms/remote/ground.hpp"

#include <cstdlib>
#include <system_error>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tango::vmms::remote {

Ground::Ground(boost::asio::any_io_executor its_executor, boost::asio::thread_pool& its_threads,
               std::shared_ptr<Cloud> its_cloud, RemoteConfig its_config)
    : executor(std::move(its_executor)),
      blocking(its_threads),
      cloud(std::move(its_cloud)),
      config(std::move(its_config)),
      folder(config.folder) {
  std::error_code ignored;
  if (folder.empty()) {
    std::string pattern = "/tmp/tango-ssh-XXXXXX";
    folder = ::mkdtemp(pattern.data()) != nullptr ? pattern : "";
    owns_folder_ = !folder.empty();
    return;
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    if (!entry.is_directory(ignored)) {
      std::filesystem::remove(entry.path(), ignored);
    }
  }
}

Ground::~Ground() {
  if (owns_folder_) {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
}

boost::asio::awaitable<void> Ground::pause(base::Millis duration) const {
  boost::asio::steady_timer timer(executor, duration);
  co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
}

}  // namespace tango::vmms::remote
