#include "vmms/ec2/ec2_cloud.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "async/task_group.hpp"
#include "base/assert.hpp"
#include "base/hex.hpp"
#include "base/log.hpp"
#include "vmms/ec2/accounts.hpp"
#include "vmms/ec2/tags.hpp"

namespace tango::vmms::ec2 {
namespace {

using base::Error;
using base::ErrorKind;
using base::Millis;
using model::MachineSpec;
using model::VmName;
using remote::Instance;

// Whoever submits a job waits for findImage; an account of a job's does not hold up our own.
constexpr Millis kFindImageMax{10'000};
constexpr Millis kLookAbroadMax{10'000};
// A list so old does not tell how many instances there are.
constexpr Millis kListFreshFor{60'000};
constexpr std::size_t kSeedBytes = 16;

/// The default AMI's name has an architecture in it.
Ec2Config forThisMachine(Ec2Config config) {
  const Ec2Config defaults;
  const std::size_t at = config.ami_name.find("amd64");
  if (config.ami_name == defaults.ami_name && ownArchitecture() == "arm64" &&
      at != std::string::npos) {
    config.ami_name.replace(at, 5, "arm64");
  }
  return config;
}

std::string newSeed() {
  const Result<std::string> random = base::randomHex(kSeedBytes);
  TANGO_ASSERT(random, "random bytes");
  return *random;
}

bool mayPass(const Error& error) {
  return error.kind() == ErrorKind::kSystem || error.kind() == ErrorKind::kTimeout;
}

Error noRoom(std::uint64_t instances_max) {
  return {ErrorKind::kSystem, "there are as many instances as may be (instances_max: " +
                                  std::to_string(instances_max) + ")"};
}

class OurCloud : public Ec2Cloud {
 public:
  OurCloud(boost::asio::any_io_executor executor, boost::asio::thread_pool& blocking,
           Ec2Config config)
      : site_(std::make_shared<Site>(std::move(executor), blocking,
                                     forThisMachine(std::move(config)))),
        accounts_(site_, newSeed()) {}
  OurCloud(const OurCloud&) = delete;
  OurCloud& operator=(const OurCloud&) = delete;
  ~OurCloud() override { site_->closing->set(); }

  awaitable<Result<void>> start() override;
  awaitable<Result<std::string>> create(VmName name, MachineSpec spec, GiveUp give_up) override;
  awaitable<Result<void>> destroy(std::string id) override;
  awaitable<Result<std::vector<Instance>>> list() override;
  [[nodiscard]] ssh::SshTarget target(const Instance& instance) const override;
  awaitable<Result<std::vector<std::string>>> hostKeys(std::string id) override;
  awaitable<Result<void>> renew(std::vector<std::string> ids) override;

  awaitable<Result<std::vector<std::string>>> getImages() override;
  awaitable<Result<void>> findImage(std::string image) override;
  awaitable<Result<void>> buildImage(std::string name, std::string path) override;

 private:
  awaitable<Result<void>> tryOut();
  awaitable<Result<std::string>> createNow(VmName name, MachineSpec spec, GiveUp give_up);
  awaitable<Result<void>> lookIfStale(AccountPtr account, GiveUp give_up);
  awaitable<Result<void>> lookAtOwn();
  awaitable<void> lookAbroad(AccountPtr account);
  /// The service has no account that EC2 takes: only jobs that bring one can run.
  [[nodiscard]] bool ownIsOfNoUse(const Result<void>& looked) const {
    return !looked && looked.error().kind() == ErrorKind::kInvalid && !accounts_.own()->lookedAt();
  }
  [[nodiscard]] bool isNamed(const std::string& image) const {
    return site_->config.images.contains(image);
  }

  const std::shared_ptr<Site> site_;
  Accounts accounts_;
  /// Creations under way, by VmName::text; each event is set at its end.
  std::map<std::string, std::shared_ptr<async::Event>> creating_;
  std::uint64_t making_ = 0;  ///< those of them for which there was room
};

awaitable<Result<void>> OurCloud::start() {
  const Result<void> tried = co_await tryOut();
  if (!tried && mayPass(tried.error())) {
    base::logWarning("ec2: " + tried.error().message() + "; it is tried again with the first VM");
    co_return Result<void>();
  }
  co_return tried;
}

awaitable<Result<void>> OurCloud::tryOut() {
  const Result<void> checked = site_->check();
  if (!checked) {
    co_return checked.error();
  }
  const AccountPtr own = accounts_.own();
  const Result<void> looked = co_await own->look(site_->patience());
  if (!looked) {
    co_return looked.error();
  }
  const Result<void> prepared = co_await own->prepare(site_->closing);
  if (!prepared) {
    co_return prepared.error();
  }
  const Result<MachineImage> image = co_await own->image(site_->config.ami, site_->patience());
  if (!image) {
    co_return image.error();
  }
  co_return Result<void>();
}

awaitable<Result<std::string>> OurCloud::create(VmName name, MachineSpec spec, GiveUp give_up) {
  using namespace boost::asio::experimental::awaitable_operators;
  const std::string key = name.text();
  for (auto under_way = creating_.find(key); under_way != creating_.end();
       under_way = creating_.find(key)) {
    const std::shared_ptr<async::Event> done = under_way->second;
    if (give_up) {
      co_await (done->wait() || give_up->wait());
    } else {
      co_await done->wait();
    }
    if (isSet(give_up)) {
      co_return Error(ErrorKind::kCancelled, "it is no longer wanted");
    }
  }
  const std::string made = accounts_.idOf(key);
  if (!made.empty()) {
    co_return made;
  }
  const auto done = std::make_shared<async::Event>(site_->executor);
  creating_[key] = done;
  const Result<std::string> id = co_await createNow(name, spec, give_up);
  creating_.erase(key);
  done->set();
  co_return id;
}

awaitable<Result<std::string>> OurCloud::createNow(VmName name, MachineSpec spec, GiveUp give_up) {
  const Result<void> checked = checkName(name);
  if (!checked) {
    co_return checked.error();
  }
  if (!isNamed(spec.image) && !site_->config.other_images) {
    co_return Error(ErrorKind::kNotFound, "there is no image " + spec.image);
  }
  const AccountPtr account = accounts_.of(spec.account);
  const Accounts::Use use(accounts_, account);
  const Result<void> own = co_await lookIfStale(accounts_.own(), give_up);
  if (!own && !(spec.account.isSet() && ownIsOfNoUse(own))) {
    co_return own.error();
  }
  const Result<void> looked = co_await lookIfStale(account, give_up);
  if (!looked) {
    co_return looked.error();
  }
  // What an earlier service left has that name still.
  const std::string there = accounts_.idOf(name.text());
  if (!there.empty()) {
    co_return there;
  }
  if (accounts_.costing() + making_ >= site_->config.instances_max) {
    co_return noRoom(site_->config.instances_max);
  }
  ++making_;
  const Result<std::string> id = co_await account->launch(name, spec, give_up);
  --making_;
  co_return id;
}

awaitable<Result<void>> OurCloud::lookIfStale(AccountPtr account, GiveUp give_up) {
  const std::optional<base::Deadline> looked_at = account->lookedAt();
  if (looked_at && base::SteadyClock::now() - *looked_at < kListFreshFor) {
    co_return Result<void>();
  }
  const Patience patience{base::after(site_->config.call_max), give_up, ""};
  const Result<void> looked = co_await account->look(patience);
  co_return looked;
}

awaitable<Result<void>> OurCloud::destroy(std::string id) {
  AccountPtr account = accounts_.havingInstance(id);
  if (!account) {
    // Of an earlier service, perhaps; what our own tag does not show is nobody's to destroy.
    const Result<std::vector<Instance>> looked = co_await list();
    if (!looked) {
      co_return looked.error();
    }
    account = accounts_.havingInstance(id);
  }
  if (!account) {
    co_return Result<void>();
  }
  const Accounts::Use use(accounts_, account);
  const Result<void> terminated = co_await use->terminate(id);
  co_return terminated;
}

awaitable<Result<void>> OurCloud::lookAtOwn() {
  const Result<void> looked = co_await accounts_.own()->look(site_->patience());
  co_return looked;
}

awaitable<void> OurCloud::lookAbroad(AccountPtr account) {
  const Accounts::Use use(accounts_, account);
  const Patience patience{base::after(kLookAbroadMax), site_->closing, ""};
  const Result<void> looked = co_await use->look(patience);
  if (use->isNewTrouble(!looked)) {
    // Its instances stay as they were last seen.
    base::logWarning("ec2: the account of a job cannot be asked for its instances: " +
                     looked.error().message());
  }
}

awaitable<Result<std::vector<Instance>>> OurCloud::list() {
  async::TaskGroup abroad(site_->executor);
  for (const AccountPtr& account : accounts_.brought()) {
    abroad.start(lookAbroad(account));
  }
  const Result<void> own = co_await lookAtOwn();
  co_await abroad.allEnded();
  if (!own && !(ownIsOfNoUse(own) && !accounts_.brought().empty())) {
    co_return own.error();
  }
  co_return accounts_.instances();
}

ssh::SshTarget OurCloud::target(const Instance& instance) const {
  ssh::SshTarget target;
  target.host = instance.address;
  target.user = userOf(site_->config, instance.name.image);
  target.port = site_->config.ssh_port;
  target.key_file = site_->keyFile().string();
  return target;
}

awaitable<Result<std::vector<std::string>>> OurCloud::hostKeys(std::string id) {
  const AccountPtr account = accounts_.havingInstance(id);
  if (!account) {
    co_return Error(ErrorKind::kNotFound, "there is no instance " + id + " of ours");
  }
  const Accounts::Use use(accounts_, account);
  const Result<std::vector<std::string>> keys = co_await use->hostKeys(id);
  co_return keys;
}

awaitable<Result<void>> OurCloud::renew(std::vector<std::string> ids) {
  std::map<AccountPtr, std::vector<std::string>> by_account;
  for (std::string& id : ids) {
    if (AccountPtr account = accounts_.havingInstance(id)) {
      by_account[std::move(account)].push_back(std::move(id));
    }
  }
  Result<void> all;
  for (const auto& [account, its_ids] : by_account) {
    const Accounts::Use use(accounts_, account);
    const Result<void> renewed = co_await use->renew(its_ids);
    all = renewed ? all : renewed;
  }
  co_return all;
}

awaitable<Result<std::vector<std::string>>> OurCloud::getImages() {
  std::vector<std::string> names;
  for (const auto& [name, image] : site_->config.images) {
    names.push_back(name);
  }
  co_return names;
}

awaitable<Result<void>> OurCloud::findImage(std::string image) {
  const Result<void> checked = checkName({"", 0, image});
  if (!checked) {
    co_return checked.error();
  }
  if (isNamed(image)) {
    co_return Result<void>();
  }
  if (!site_->config.other_images) {
    co_return Error(ErrorKind::kNotFound,
                    "there is no image " + image + " on EC2: name it in the configuration");
  }
  if (isAmi(image)) {
    const Patience patience{base::after(kFindImageMax), site_->closing, ""};
    const Result<MachineImage> found = co_await accounts_.own()->image(image, patience);
    if (!found) {
      co_return found.error();
    }
  }
  co_return Result<void>();
}

awaitable<Result<void>> OurCloud::buildImage(std::string name, std::string /*path*/) {
  co_return Error(ErrorKind::kUnsupported,
                  "image " + name +
                      ": EC2's images are AMIs: make one there, and name it in the "
                      "configuration");
}

}  // namespace

std::unique_ptr<Ec2Cloud> Ec2Cloud::make(boost::asio::any_io_executor executor,
                                         boost::asio::thread_pool& blocking, Ec2Config config) {
  return std::make_unique<OurCloud>(std::move(executor), blocking, std::move(config));
}

}  // namespace tango::vmms::ec2
