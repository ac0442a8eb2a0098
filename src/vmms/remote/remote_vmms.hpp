// A VMMS whose VMs are machines reached over ssh, whatever cloud makes them.
//
// In each machine our own static autodriver stands by in a container of its own making, and listens
// on a socket there: `autodriver --attach=SOCKET`, run over ssh, starts it if it is not there yet
// and connects to it (docs/autodriver.md). So files, make, live output and output go over one ssh
// connection a VM, as in src/vmms/docker; and when that breaks in the middle of a job, the job goes
// on, the connection is taken up again, and its result is still fetched.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/clock.hpp"
#include "vmms/remote/cloud.hpp"
#include "vmms/vmms.hpp"

namespace tango::vmms {

struct RemoteConfig {
  /// Our static autodriver; it is sent to each machine that has no copy with the same SHA-256.
  std::filesystem::path autodriver;
  /// A folder of ours (0700) for what is kept of each VM on this side: its pinned host key, and
  /// ssh's sockets. "": one is made in /tmp and removed.
  std::filesystem::path folder;
  /// Of the user autograde, in a machine that has none.
  std::uint32_t job_uid = 0;
  /// Without a word from the service for as long, autodriver ends its job, and the machine shuts
  /// down (where `shuts_down` is set). Renewed every third of it.
  base::Millis lease{1'800'000};
  bool shuts_down = false;
  /// How often the cloud is asked for its machines: while one is awaited, and otherwise.
  base::Millis look_often{2'000};
  base::Millis look_seldom{30'000};
  /// A machine that the cloud's list has not got so long after it was made is gone.
  base::Millis missing_max{60'000};
  /// How long a connection that broke in the middle of a job is tried to be taken up again.
  base::Millis reattach_max{120'000};
  /// A host key that the console does not confirm (within waitVM's deadline) is refused; else it is
  /// trusted as it was first met, and refused only if the console contradicts it.
  bool console_key_required = false;
  /// A file in the machine whose first line is "ok" once its set-up has ended, or what went wrong;
  /// "": nothing is waited for. A machine without it, in which no set-up runs, is as it should be.
  std::string set_up_file;
  ssh::SshPatience patience;
};

/// Its limits are autodriver's, in memory and cores that the cloud's machine has.
class RemoteVmms : public Vmms, public LiveOutput {
 public:
  /// `executor` is the service's one thread; `blocking` (borrowed) is for files.
  static std::unique_ptr<RemoteVmms> make(boost::asio::any_io_executor executor,
                                          boost::asio::thread_pool& blocking,
                                          std::unique_ptr<remote::Cloud> cloud,
                                          RemoteConfig config);

  /// Ends what it does by itself (looks at the cloud, leases); behind it only VMs are destroyed.
  virtual boost::asio::awaitable<void> stop() = 0;
};

}  // namespace tango::vmms
