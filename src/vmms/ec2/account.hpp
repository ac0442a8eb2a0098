// One AWS account in which we make instances: our own, or one that a job brings. What instances
// need there (key pair, security group) is found or made with the first one.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/client.hpp"
#include "model/machine_spec.hpp"
#include "vmms/ec2/api.hpp"
#include "vmms/ec2/instance_types.hpp"
#include "vmms/ec2/launch.hpp"
#include "vmms/ec2/lives.hpp"
#include "vmms/ec2/machine_images.hpp"
#include "vmms/ec2/network.hpp"
#include "vmms/ec2/shared_call.hpp"
#include "vmms/ec2/site.hpp"
#include "vmms/ec2/tracked.hpp"

namespace tango::vmms::ec2 {

/// Errors are as remote::Cloud has them. What is under way holds the account.
class Account : public std::enable_shared_from_this<Account> {
 public:
  /// `config`: the site's, or for a job's account what of it counts there (see configAbroad).
  Account(std::shared_ptr<Site> site, Ec2Config config, Api::Caller caller, std::string token_seed);

  /// Key pair, security group and types are there.
  awaitable<Result<void>> prepare(GiveUp give_up);
  /// The AMI of that id, or the stock one for ""; remembered for an hour.
  awaitable<Result<MachineImage>> image(std::string ami, Patience patience);
  /// Makes an instance, where there is capacity, and returns its id.
  awaitable<Result<std::string>> launch(model::VmName name, model::MachineSpec spec,
                                        GiveUp give_up);
  /// Begins to end an instance that it tracks; ok as well if it is gone.
  awaitable<Result<void>> terminate(std::string id);
  /// Brings `tracked` up to date. Calls at once share one request.
  awaitable<Result<void>> look(Patience patience);
  awaitable<Result<std::vector<std::string>>> hostKeys(std::string id);
  /// Instances that are gone do not count.
  awaitable<Result<void>> renew(std::vector<std::string> ids);

  [[nodiscard]] const Tracked& tracked() const { return tracked_; }
  /// When `look` last succeeded; nothing: never.
  [[nodiscard]] std::optional<base::Deadline> lookedAt() const { return looked_at_; }

  /// Whether `failing` has become so since the last time; for what is told only once.
  [[nodiscard]] bool isNewTrouble(bool failing) {
    return !std::exchange(failing_, failing) && failing;
  }

 private:
  /// What all instances of the account share.
  struct Ground {
    std::string key_name;
    std::string group_id;
    std::vector<InstanceType> types;
  };
  struct Kept {
    MachineImage image;
    base::Deadline until;
  };
  struct Attempt {
    Result<std::string> id;
    bool elsewhere = false;    ///< another type or place may do
    bool ground_gone = false;  ///< what was laid is no longer (or not yet) there
  };

  awaitable<Result<Ground>> ground(GiveUp give_up);
  awaitable<Result<Ground>> lay();
  awaitable<Result<std::string>> layKey();
  awaitable<Result<std::string>> layGroup();
  awaitable<Result<bool>> lookNow(Patience patience);
  awaitable<Result<std::string>> launchSomewhere(Launch launch, std::vector<std::string> types,
                                                 Patience patience);
  awaitable<Attempt> launchAt(Launch launch, std::string type, Place place, Patience patience);
  awaitable<Result<std::string>> madeFor(std::string token, Patience patience);
  [[nodiscard]] std::vector<std::string> typeNames() const;
  [[nodiscard]] std::vector<Place> places() const;
  [[nodiscard]] Ownership ownership() const;

  const std::shared_ptr<Site> site_;
  const Ec2Config config_;
  const std::string token_seed_;
  Api api_;
  http::Client web_;
  SharedCall<Ground> laying_;
  std::optional<Ground> ground_;
  std::map<std::string, Kept> images_;
  SharedCall<bool> looking_;
  Tracked tracked_;
  Lives lives_;
  std::optional<base::Deadline> looked_at_;
  bool failing_ = false;
};

/// What of our configuration counts in the account of somebody else: names of our own things there
/// do not.
[[nodiscard]] Ec2Config configAbroad(Ec2Config config);

/// What the configuration says of a job's image.
[[nodiscard]] std::string amiOf(const Ec2Config& config, const std::string& image);
[[nodiscard]] std::string typeOf(const Ec2Config& config, const std::string& image);
[[nodiscard]] std::string userOf(const Ec2Config& config, const std::string& image);

/// Whether `text` is an AMI's id.
[[nodiscard]] bool isAmi(const std::string& text);

}  // namespace tango::vmms::ec2
