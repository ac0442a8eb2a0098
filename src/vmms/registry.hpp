// The VMMSs that are configured, by name: several may be at once.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "vmms/capacity.hpp"
#include "vmms/vmms.hpp"

namespace tango::vmms {

/// For backends that know their images.
class Images {
 public:
  Images() = default;
  Images(const Images&) = delete;
  Images& operator=(const Images&) = delete;
  virtual ~Images() = default;

  virtual awaitable<Result<std::vector<std::string>>> getImages() = 0;
  /// kNotFound, with what to do about it: no job can run in `image`. kSystem, kTimeout: it cannot
  /// be told now; see isMissing.
  virtual awaitable<Result<void>> findImage(std::string image) = 0;
  /// Makes the image `name` of what `docker save` wrote (a tarball of one image) at `path`, in the
  /// place of an older one. kInvalid: the tarball is refused.
  virtual awaitable<Result<void>> buildImage(std::string name, std::string path) = 0;
};

/// What findImage found is that the image is of no use. A VMMS that cannot tell is out of order,
/// for which no job is refused: it waits.
[[nodiscard]] inline bool isMissing(const Result<void>& found) {
  return !found && found.error().kind() != base::ErrorKind::kSystem &&
         found.error().kind() != base::ErrorKind::kTimeout;
}

/// One of the machines that a VMMS makes its VMs on, as people see it.
struct HostView {
  std::string name;     ///< unique in its VMMS
  std::string address;  ///< how it is reached
  std::vector<std::string> labels;
  std::string version;  ///< of what makes VMs there; "": never reached
  Capacity capacity;
  Capacity used;             ///< a VM that may use all cores counts as one core
  bool draining = false;     ///< it gets no new VMs
  std::string trouble;       ///< why it is set aside; "": it is not
  base::Millis retry_in{0};  ///< when it is tried again, if it is set aside

  [[nodiscard]] bool takesVms() const { return !draining && trouble.empty(); }
};

/// For backends that make their VMs on other machines, which come and go.
class Hosts {
 public:
  Hosts() = default;
  Hosts(const Hosts&) = delete;
  Hosts& operator=(const Hosts&) = delete;
  virtual ~Hosts() = default;

  [[nodiscard]] virtual std::vector<HostView> hosts() const = 0;
  /// No new VM is made on a drained host; what runs there ends in its own time. kNotFound.
  virtual Result<void> drainHost(const std::string& name, bool drained) = 0;
  /// Which hosts have which image: its name (as getImages has it) to names of hosts.
  virtual awaitable<Result<std::vector<std::pair<std::string, std::vector<std::string>>>>>
  imagesByHost() = 0;
  /// Calls `changed` whenever a host came or went, was set aside, taken up again or drained,
  /// another capacity of it became known, or what is used there became less other than by
  /// destroyVM. On the service's thread; it must not block.
  virtual void onHostsChanged(std::function<void()> changed) = 0;
};

/// One VMMS with all that it can do; everything is borrowed.
struct Backend {
  Vmms* vmms = nullptr;
  LiveOutput* live_output = nullptr;  ///< null: it has none
  Images* images = nullptr;           ///< null: it does not know its images
  /// Of all hosts together, those included that take no VMs now.
  Capacity capacity;
  Hosts* hosts = nullptr;  ///< null: it has but the machine of the service
  /// Pools are told by somebody else when an image of its is made anew.
  bool images_watched = false;
  /// A job may bring an account of its own (MachineSpec::account), in which its VM is made.
  bool takes_accounts = false;
  /// How long a VM may take to be ready; zero: as long as those of other VMMSs.
  base::Millis wait_vm_timeout{0};
  /// Where a VM costs money as long as it exists: after so long without a job, a pool keeps none,
  /// the preallocated ones included, until the next job comes. Zero: they are kept for ever.
  base::Millis sleep_after{0};

  /// The time for one VM, where others take at most `usual`.
  [[nodiscard]] base::Millis waitVmTimeout(base::Millis usual) const {
    return wait_vm_timeout > base::Millis(0) ? wait_vm_timeout : usual;
  }
};

struct Registry {
  std::map<std::string, Backend> backends;
  std::string default_vmms;
  /// VMMS by image, for images that jobs name without a VMMS.
  std::map<std::string, std::string> vmms_of_image;

  /// Null: there is none of that name.
  [[nodiscard]] const Backend* find(const std::string& name) const {
    const auto found = backends.find(name);
    return found == backends.end() ? nullptr : &found->second;
  }
  /// The VMMS of a job: the one it names, its image's, or the default.
  [[nodiscard]] std::string vmmsFor(const std::string& named, const std::string& image) const {
    if (!named.empty()) {
      return named;
    }
    const auto found = vmms_of_image.find(image);
    return found == vmms_of_image.end() ? default_vmms : found->second;
  }
};

}  // namespace tango::vmms
