// What makes machines that are reached over ssh: the part of a VMMS that differs from cloud to
// cloud (EC2, Tashi). Everything that happens inside of a machine is RemoteVmms' (remote_vmms.hpp).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "async/event.hpp"
#include "base/result.hpp"
#include "model/machine_spec.hpp"
#include "model/vm.hpp"
#include "vmms/ssh/ssh.hpp"

namespace tango::vmms::remote {

using base::Result;
using boost::asio::awaitable;

/// A machine of the cloud that belongs to this service, as the cloud has it at this moment.
struct Instance {
  enum class State {
    kPending,  ///< it is being made
    kRunning,
    kLeaving,  ///< on its way out, whoever asked for that
    kGone,     ///< it no longer runs, and never will again
  };
  std::string id;  ///< the cloud's own; it never changes
  model::VmName name;
  State state = State::kPending;
  std::string address;  ///< where ssh reaches it; "": not known yet; it may change
  std::string reason;   ///< why it leaves or is gone, in the cloud's words; may be ""
};

/// Every method can be called at any time, also several at once, on the service's one thread. What
/// a cloud refuses for a moment (throttling, a lost answer) is tried again within a call. Errors:
/// kSystem and kTimeout where another attempt may succeed; kNotFound for an image that there is
/// not; kUnsupported and kTooLarge for a machine that there never will be; kInvalid where the cloud
/// refuses what the configuration says (credentials, rights, names), with its own words.
class Cloud {
 public:
  Cloud() = default;
  Cloud(const Cloud&) = delete;
  Cloud& operator=(const Cloud&) = delete;
  virtual ~Cloud() = default;

  /// Begins to make a machine, and returns its id. A second call for the same name makes no second
  /// machine. When `give_up` is set, it ends soon (kCancelled, if nothing was made for sure).
  virtual awaitable<Result<std::string>> create(model::VmName name, model::MachineSpec spec,
                                                std::shared_ptr<async::Event> give_up) = 0;

  /// Begins to destroy it. Ok as well if it is gone.
  virtual awaitable<Result<void>> destroy(std::string id) = 0;

  /// The machines of this service that are not gone, and some that are. A machine may be missing
  /// for some seconds after it was made: RemoteVmms knows that.
  virtual awaitable<Result<std::vector<Instance>>> list() = 0;

  /// How ssh reaches `instance`: address, user, key. known_hosts_file is RemoteVmms' to set.
  [[nodiscard]] virtual ssh::SshTarget target(const Instance& instance) const = 0;

  /// The public host keys ("ssh-ed25519 AAAA...") that the machine has told its console; empty: it
  /// has not, or not yet, or this cloud cannot tell.
  virtual awaitable<Result<std::vector<std::string>>> hostKeys(std::string id) = 0;

  /// This service lives, and still needs these machines: their leases begin anew.
  virtual awaitable<Result<void>> renew(std::vector<std::string> ids) = 0;
};

}  // namespace tango::vmms::remote
