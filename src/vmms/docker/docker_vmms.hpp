// The Docker VMMSs: a VM is a container on one of some Docker hosts. With one host it is
// `localDocker`, with several (or none on this machine) `distDocker`; the code is the same.
//
// A container is made ahead and waits: its first process is our own static autodriver, put into it
// through the archive endpoint, which stands by on the container's standard streams
// (drive/messages.hpp). So files go in, make runs and output comes out over one attached
// connection, and a warm container costs a job no call of the engine at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/clock.hpp"
#include "vmms/docker/engine_address.hpp"
#include "vmms/registry.hpp"
#include "vmms/vmms.hpp"

namespace tango::vmms {

/// Beside the program that runs.
[[nodiscard]] std::filesystem::path autodriverBesideProgram();

struct DockerHostConfig {
  std::string name;  ///< unique, as it is named to people
  docker::EngineAddress address;
  std::uint64_t cpu_millis = 0;     ///< of jobs at once; 0: all that the host has
  std::uint64_t memory_bytes = 0;   ///< 0: three quarters of what the host has
  std::uint64_t vms_max = 0;        ///< 0: bounded by cores and memory alone
  std::vector<std::string> labels;  ///< for people; shown with the host
};

struct DockerConfig {
  /// Whose containers they are: a word that no other service has.
  std::string owner;
  std::vector<DockerHostConfig> hosts;
  /// All addresses of this name are hosts too (Tango's distDocker), reached as `dns_template` says
  /// with the address in the place of its host; looked up again now and then. "": none.
  std::string dns_name;
  DockerHostConfig dns_template;
  std::filesystem::path autodriver = autodriverBesideProgram();
  /// A folder of ours (0700, short path) for ssh's sockets; "": one is made in /tmp and removed.
  std::filesystem::path control_folder;
  /// Without a word from the service for as long, a container ends by itself.
  base::Millis lease{600'000};
  /// How often a host is asked whether it lives.
  base::Millis look_every{10'000};
  /// A host that is silent for as long is given up, with the jobs that run there.
  base::Millis silence_max{30'000};
  /// What containers are made ready for: a job with another limit of processes costs one call more.
  std::uint64_t processes = model::RunLimits{}.processes;
  /// Run jobs without the limits that a host cannot enforce, instead of refusing them.
  bool allow_unenforced = false;
};

/// A restarted service finds its containers by their labels.
class DockerVmms : public Vmms, public LiveOutput, public Images, public Hosts {
 public:
  /// `executor` is the service's one thread; `blocking` (borrowed) is for files and names.
  static std::unique_ptr<DockerVmms> make(boost::asio::any_io_executor executor,
                                          boost::asio::thread_pool& blocking, DockerConfig config);

  /// Reaches every host once, so that `capacity` is known. Hosts that do not answer are set aside
  /// and tried again; kSystem if none does, and everything goes on all the same.
  virtual awaitable<Result<void>> start() = 0;
  /// Of all hosts together, as configured or as they say themselves.
  [[nodiscard]] virtual Capacity capacity() const = 0;
  /// Ends what it does by itself (beats, looks after hosts); behind it only VMs are destroyed.
  virtual awaitable<void> stop() = 0;
};

}  // namespace tango::vmms
