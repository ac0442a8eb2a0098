// Apache Tashi as a cloud of machines for jobs: its cluster manager, over RPyC 3.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/clock.hpp"
#include "vmms/registry.hpp"
#include "vmms/remote/cloud.hpp"

namespace tango::vmms::tashi {

struct TashiConfig {
  /// Whose instances they are: a word that no other service of this Tashi has.
  std::string owner;
  std::string host = "localhost";  ///< of the cluster manager
  std::uint16_t port = 9882;
  std::filesystem::path image_folder;  ///< TASHI_IMAGE_PATH
  /// Images that are resumed from a state that was saved while they ran: NAME.img.suspend, beside
  /// NAME.img. qemu resumes only what has the memory and cores with which it was suspended.
  std::set<std::string> suspended_images;
  std::int64_t network = 1;   ///< to which a machine's card belongs
  std::int64_t user_id = 42;  ///< in Tashi, whose the instances are
  std::uint64_t cores = 1;    ///< where a job may use all that there are
  /// Of a machine, beside what its job may use; not for suspended images.
  std::uint64_t system_memory_bytes = 256ULL << 20;

  std::string user = "autolab";  ///< that ssh comes as; root, or one who may sudo
  std::uint16_t ssh_port = 22;
  std::string key_file;         ///< "": as ssh decides
  std::string ssh_config_file;  ///< "": the operator's own
  bool by_ip = false;  ///< ssh goes to the address that Tashi tells, not to NAME + `domain`
  std::string domain = ".vmnet";

  /// How long one answer of Tashi's is awaited, and how long a call is tried again in all.
  base::Millis answer_max{10'000};
  base::Millis call_max{30'000};
  base::Millis retry_pause{200};  ///< the first one; it doubles
};

/// The instances of one service, by the hints that it gave them. An instance of its own that Tashi
/// holds, or that has ended, is destroyed with the next look at it, so that it is in nobody's way.
class TashiCloud : public remote::Cloud, public Images {
 public:
  /// `blocking` (borrowed) is for files.
  static std::unique_ptr<TashiCloud> make(boost::asio::any_io_executor executor,
                                          boost::asio::thread_pool& blocking, TashiConfig config);

  /// Finds out early what would fail later: the owner's word, the folder of images, whether Tashi
  /// answers. Errors as Cloud has them.
  virtual boost::asio::awaitable<base::Result<void>> start() = 0;
};

}  // namespace tango::vmms::tashi
