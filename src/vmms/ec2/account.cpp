#include "vmms/ec2/account.hpp"

#include <algorithm>
#include <utility>

#include "async/offload.hpp"
#include "base/log.hpp"
#include "vmms/ec2/base64.hpp"
#include "vmms/ec2/host_keys.hpp"
#include "vmms/ec2/key_pair.hpp"
#include "vmms/ec2/ssh_key.hpp"
#include "vmms/ec2/tags.hpp"

namespace tango::vmms::ec2 {
namespace {

using base::Deadline;
using base::Error;
using base::ErrorKind;
using base::Millis;

constexpr Millis kImageKept{3'600'000};
constexpr std::size_t kImagesMax = 256;

http::ClientConfig clientConfig(const Ec2Config& config) {
  http::ClientConfig client;
  client.ca_file = config.ca_file;
  return client;
}

// What was there a moment ago and is not, or the reverse, is no fault of who asks for a machine.
Error asTrouble(const Error& error) {
  const bool passing = error.kind() == ErrorKind::kNotFound || error.kind() == ErrorKind::kExists;
  return passing ? Error(ErrorKind::kSystem, error.message()) : error;
}

}  // namespace

Account::Account(std::shared_ptr<Site> site, Ec2Config config, Api::Caller caller,
                 std::string token_seed)
    : site_(std::move(site)),
      config_(std::move(config)),
      token_seed_(std::move(token_seed)),
      api_(site_->executor, clientConfig(config_), std::move(caller), config_.answer_max),
      web_(site_->executor, clientConfig(config_)),
      laying_(site_->executor),
      looking_(site_->executor) {}

Ownership Account::ownership() const {
  return {config_.owner, config_.reservation_id, config_.use_private_address};
}

awaitable<Result<Account::Ground>> Account::ground(GiveUp give_up) {
  if (ground_) {
    co_return *ground_;
  }
  const auto self = shared_from_this();
  const Result<Ground> laid =
      co_await laying_.result([self] { return self->lay(); }, std::move(give_up));
  co_return laid;
}

awaitable<Result<void>> Account::prepare(GiveUp give_up) {
  const Result<Ground> laid = co_await ground(std::move(give_up));
  if (!laid) {
    co_return laid.error();
  }
  co_return Result<void>();
}

awaitable<Result<Account::Ground>> Account::lay() {
  const Result<void> checked = site_->check();
  if (!checked) {
    co_return checked.error();
  }
  const Result<std::string> key_name = co_await layKey();
  if (!key_name) {
    co_return asTrouble(key_name.error());
  }
  const Result<std::string> group_id = co_await layGroup();
  if (!group_id) {
    co_return asTrouble(group_id.error());
  }
  const Result<std::vector<InstanceType>> types =
      co_await findInstanceTypes(api_, typeNames(), site_->patience());
  if (!types) {
    co_return asTrouble(types.error());
  }
  ground_ = Ground{*key_name, *group_id, *types};
  co_return *ground_;
}

awaitable<Result<std::string>> Account::layKey() {
  if (!config_.key_name.empty()) {
    const Result<void> there = co_await checkKeyPair(api_, config_.key_name, site_->patience());
    if (!there) {
      co_return there.error();
    }
    co_return config_.key_name;
  }
  const bool configured = !config_.key_file.empty();
  const Result<std::string> key =
      co_await async::offload(site_->blocking, [file = site_->keyFile(), configured] {
        return configured ? publicKeyOf(file) : ownPublicKey(file);
      });
  if (!key) {
    co_return Error(
        configured ? ErrorKind::kInvalid : ErrorKind::kSystem,
        std::string(configured ? "key_file: " : "key_folder: ") + key.error().message());
  }
  const Result<void> there =
      co_await ensureKeyPair(api_, site_->ownName(), config_.owner, *key, site_->patience());
  if (!there) {
    co_return there.error();
  }
  co_return site_->ownName();
}

awaitable<Result<std::string>> Account::layGroup() {
  GroupPlan plan{.name = config_.security_group.empty() ? site_->ownName() : config_.security_group,
                 .owner = config_.owner,
                 .ssh_port = config_.ssh_port,
                 .ssh_from = {}};
  for (const std::string& block : config_.ssh_from) {
    const Result<std::string> network = networkBlock(block);
    if (!network) {
      co_return network.error();
    }
    plan.ssh_from.push_back(*network);
  }
  Vpc vpc;
  if (!isGroupId(plan.name)) {
    const Result<Vpc> its_vpc = co_await findVpc(api_, config_.subnets, site_->patience());
    if (!its_vpc) {
      co_return its_vpc.error();
    }
    vpc = *its_vpc;
  }
  const Result<std::optional<Element>> found =
      co_await findGroup(api_, plan.name, vpc, site_->patience());
  if (!found) {
    co_return found.error();
  }
  if (*found && !isGroupOf(**found, plan.owner)) {
    Result<std::string> taken = co_await takeGroup(api_, plan, **found, site_->patience());
    co_return taken;
  }
  if (plan.ssh_from.empty() && config_.use_private_address) {
    plan.ssh_from = vpc.cidrs;
  } else if (plan.ssh_from.empty()) {
    const Result<std::string> address = co_await ownAddress(web_, config_.checkip_url);
    if (!address) {
      co_return address.error();
    }
    plan.ssh_from = {*address};
  }
  if (*found) {
    Result<std::string> taken = co_await takeGroup(api_, plan, **found, site_->patience());
    co_return taken;
  }
  Result<std::string> made = co_await makeGroup(api_, plan, vpc, site_->patience());
  co_return made;
}

std::vector<std::string> Account::typeNames() const {
  std::vector<std::string> names = config_.types.empty() ? defaultTypes() : config_.types;
  const auto add = [&names](const std::string& name) {
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(name);
    }
  };
  add(config_.type);
  for (const auto& [name, image] : config_.images) {
    add(image.type);
  }
  return names;
}

awaitable<Result<MachineImage>> Account::image(std::string ami, Patience patience) {
  const auto kept = images_.find(ami);
  if (kept != images_.end() && base::SteadyClock::now() < kept->second.until) {
    co_return kept->second.image;
  }
  if (!ami.empty()) {
    Result<MachineImage> found = co_await findMachineImage(api_, ami, patience);
    if (!found) {
      co_return found.error();
    }
    if (images_.size() >= kImagesMax) {
      images_.clear();
    }
    images_[ami] = {*found, base::after(kImageKept)};
    co_return found;
  }
  Result<MachineImage> newest =
      co_await newestMachineImage(api_, config_.ami_owner, config_.ami_name, patience);
  if (!newest) {
    co_return newest.error();
  }
  base::logInfo("ec2: the stock AMI is " + newest->ami + " (" + newest->name + ")");
  images_[ami] = {*newest, base::after(kImageKept)};
  co_return newest;
}

awaitable<Result<void>> Account::terminate(std::string id) {
  Query query("TerminateInstances");
  query.list("InstanceId", {id});
  Patience patience = site_->patience();
  if (tracked_.isYoung(id, base::SteadyClock::now())) {
    patience.not_yet = "InvalidInstanceID.NotFound";
  }
  const Reply reply = co_await api_.call(std::move(query), patience);
  if (reply.ok() || (reply.code == "InvalidInstanceID.NotFound" && patience.not_yet.empty())) {
    tracked_.terminated(id);
    co_return Result<void>();
  }
  co_return asTrouble(reply.error());
}

awaitable<Result<void>> Account::look(Patience patience) {
  const auto self = shared_from_this();
  const Patience shared{patience.deadline, site_->closing, ""};
  const SharedCall<bool>::Operation operation = [self, shared] { return self->lookNow(shared); };
  const Result<bool> looked = co_await looking_.result(operation, patience.give_up);
  if (!looked) {
    co_return looked.error();
  }
  co_return Result<void>();
}

awaitable<Result<bool>> Account::lookNow(Patience patience) {
  const Result<std::vector<Listed>> list = co_await listInstances(api_, ownership(), patience);
  if (!list) {
    co_return list.error();
  }
  tracked_.listed(*list, base::SteadyClock::now());
  const std::vector<std::string> missing = tracked_.missing();
  if (!missing.empty()) {
    const Result<std::vector<Listed>> found =
        co_await lookAtInstances(api_, ownership(), missing, patience);
    if (!found) {
      co_return found.error();
    }
    tracked_.lookedAt(*found, base::SteadyClock::now());
  }
  tracked_.forget(base::SteadyClock::now());
  looked_at_ = base::SteadyClock::now();
  co_return true;
}

awaitable<Result<std::vector<std::string>>> Account::hostKeys(std::string id) {
  Query query("GetConsoleOutput");
  query.set("InstanceId", id);
  Query latest = query;
  latest.set("Latest", "true");
  Reply reply = co_await api_.call(std::move(latest), site_->patience());
  if (reply.code == "UnsupportedOperation" || reply.code == "InvalidParameterCombination") {
    // Older types of instances keep but what the console showed at the last boot.
    reply = co_await api_.call(std::move(query), site_->patience());
  }
  if (!reply.ok()) {
    co_return reply.error();
  }
  const std::optional<std::string> console = fromBase64(reply.content->at("output"));
  if (!console) {
    co_return Error(ErrorKind::kSystem, "GetConsoleOutput: the output is not in base64");
  }
  co_return hostKeysIn(*console);
}

awaitable<Result<void>> Account::renew(std::vector<std::string> ids) {
  if (ids.empty()) {
    co_return Result<void>();
  }
  const std::string until = base::isoUtc(base::secondsOf(base::unixNow() + config_.lease.count()));
  Query query("CreateTags");
  query.list("ResourceId", ids).tags("Tag", {{kLeaseTag, until}});
  const Reply reply = co_await api_.call(std::move(query), site_->patience());
  if (reply.ok()) {
    co_return Result<void>();
  }
  if (reply.code != "InvalidInstanceID.NotFound") {
    co_return reply.error();
  }
  // One that is gone fails the request for all.
  if (ids.size() > 1) {
    for (const std::string& id : ids) {
      const Result<void> renewed = co_await renew({id});
      if (!renewed) {
        co_return renewed.error();
      }
    }
  }
  co_return Result<void>();
}

Ec2Config configAbroad(Ec2Config config) {
  config.key_name.clear();
  config.subnets.clear();
  config.instance_profile.clear();
  if (isGroupId(config.security_group)) {
    config.security_group.clear();
  }
  return config;
}

}  // namespace tango::vmms::ec2
