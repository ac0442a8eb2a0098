#include "vmms/tashi/tashi_machines.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "async/offload.hpp"
#include "base/backoff.hpp"
#include "base/hex.hpp"
#include "base/log.hpp"
#include "vmms/tashi/image_folder.hpp"
#include "vmms/tashi/instance_name.hpp"
#include "vmms/tashi/instance_state.hpp"

namespace tango::vmms::tashi {
namespace {

using base::Deadline;
using base::Error;
using base::ErrorKind;
using base::Millis;
using base::SteadyClock;
using State = remote::Instance::State;
using Answer = TashiClient::Answer;

constexpr Millis kRetryPauseMax{5'000};

// Whose host names ssh takes: see hostNameOf. Older instances may have dots.
bool isHostName(const std::string& name) {
  return !name.empty() && name.front() != '-' && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](char each) {
           return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') ||
                  (each >= '0' && each <= '9') || each == '-' || each == '.';
         });
}

bool isNameTaken(const Refusal& refusal) {
  return refusal.number == kInvalidInstance &&
         refusal.words.find("already in use") != std::string::npos;
}

Error errorOf(const Refusal& refusal) {
  const bool too_large = refusal.words.find("must be <=") != std::string::npos;
  const ErrorKind kind = refusal.number != kInvalidInstance ? ErrorKind::kSystem
                         : too_large                        ? ErrorKind::kTooLarge
                                                            : ErrorKind::kInvalid;
  return {kind, "Tashi refuses it: " + refusal.words};
}

// `operation`, unless somebody no longer wants what comes of it: kCancelled.
template <class T>
awaitable<Result<T>> unlessGivenUp(std::shared_ptr<async::Event> give_up,
                                   awaitable<Result<T>> operation) {
  using namespace boost::asio::experimental::awaitable_operators;
  if (!give_up) {
    Result<T> result = co_await std::move(operation);
    co_return result;
  }
  auto first = co_await (std::move(operation) || give_up->wait());
  if (first.index() == 0) {
    co_return std::get<0>(std::move(first));
  }
  co_return Error(ErrorKind::kCancelled, "it is no longer wanted");
}

awaitable<Result<void>> pauseUntil(boost::asio::any_io_executor executor, Deadline due) {
  boost::asio::steady_timer timer(executor, due);
  co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  co_return Result<void>();
}

Result<std::string> idOfMade(const Answer& answer) {
  const Result<TashiInstance> instance = instanceOf(*answer.value.root);
  return instance ? Result<std::string>(std::to_string(instance->id)) : instance.error();
}

// The instance of that name that is there already.
Result<std::string> idOfThere(const TashiInstance& instance) {
  const StateMeaning meaning = meaningOf(instance.state);
  if (meaning.state != State::kPending && meaning.state != State::kRunning) {
    return Error(ErrorKind::kSystem,
                 "the instance " + instance.name + " is not gone yet: " + meaning.reason);
  }
  return std::to_string(instance.id);
}

}  // namespace

/// One instance of a name is made at a time.
class TashiMachines::Turn {
 public:
  Turn(TashiMachines& machines, std::string name) : machines_(machines), name_(std::move(name)) {
    machines_.being_made_.insert(name_);
  }
  ~Turn() {
    machines_.being_made_.erase(name_);
    machines_.made_.notifyAll();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  TashiMachines& machines_;
  const std::string name_;
};

TashiMachines::TashiMachines(boost::asio::any_io_executor executor,
                             boost::asio::thread_pool& blocking, TashiConfig config)
    : executor_(std::move(executor)),
      blocking_(blocking),
      config_(std::move(config)),
      client_(config_.host, config_.port),
      made_(executor_) {}

awaitable<Result<void>> TashiMachines::start() {
  const Result<void> owner = checkOwner(config_.owner);
  if (!owner) {
    co_return owner;
  }
  const Result<std::vector<std::string>> images = co_await getImages();
  if (!images) {
    co_return images.error();
  }
  const Result<std::vector<TashiInstance>> all =
      co_await instances(base::after(config_.answer_max));
  co_return all ? Result<void>() : all.error();
}

// Calls.

awaitable<Result<Answer>> TashiMachines::askOnce(std::string method, std::string arguments,
                                                 Deadline deadline) {
  const Deadline end = std::min(deadline, base::after(config_.answer_max));
  Result<Answer> answer = co_await client_.call(std::move(method), std::move(arguments), end);
  co_return answer;
}

awaitable<Result<Answer>> TashiMachines::ask(std::string method, std::string arguments,
                                             Deadline deadline) {
  base::Backoff backoff(config_.retry_pause, kRetryPauseMax);
  for (;;) {
    Result<Answer> answer = co_await askOnce(method, arguments, deadline);
    backoff.failed(SteadyClock::now());
    if (answer || backoff.until() >= deadline) {
      co_return answer;
    }
    static_cast<void>(co_await pauseUntil(executor_, backoff.until()));
  }
}

awaitable<Result<std::vector<TashiInstance>>> TashiMachines::instances(Deadline deadline) {
  const Result<Answer> answer = co_await ask("getInstances", getInstancesArguments(), deadline);
  if (!answer) {
    co_return answer.error();
  }
  if (answer->refusal) {
    co_return errorOf(*answer->refusal);
  }
  co_return instancesOf(answer->value);
}

// Making.

Result<WantedInstance> TashiMachines::wanted(const model::VmName& name,
                                             const model::MachineSpec& spec) const {
  const Result<std::string> digits = base::randomHex(3);
  if (!digits) {
    return digits.error();
  }
  WantedInstance instance;
  instance.name = hostNameOf(name);
  instance.disk_uri = fileOfImage(spec.image);
  instance.cores = spec.cpu_millis == 0 ? config_.cores : (spec.cpu_millis + 999) / 1000;
  const bool suspended = config_.suspended_images.contains(spec.image);
  const std::uint64_t memory = spec.memory_bytes + (suspended ? 0 : config_.system_memory_bytes);
  instance.memory_mib = (memory + (1U << 20) - 1) >> 20;
  instance.mac =
      "52:54:00:" + digits->substr(0, 2) + ":" + digits->substr(2, 2) + ":" + digits->substr(4, 2);
  instance.network = config_.network;
  instance.user_id = config_.user_id;
  instance.hints = hintsOf(config_.owner, name);
  if (suspended) {
    instance.hints["resume_source"] = instance.disk_uri + ".suspend";
  }
  return instance;
}

awaitable<Result<std::string>> TashiMachines::create(model::VmName name, model::MachineSpec spec,
                                                     GiveUp give_up) {
  const Result<void> image = co_await findImage(spec.image);
  if (!image) {
    co_return image.error();
  }
  const std::string host_name = hostNameOf(name);
  while (being_made_.contains(host_name)) {
    const auto next = [this]() -> awaitable<Result<void>> {
      co_await made_.next();
      co_return Result<void>();
    };
    const Result<void> turn = co_await unlessGivenUp(give_up, next());
    if (!turn) {
      co_return turn.error();
    }
  }
  const Turn turn(*this, host_name);
  Result<std::string> id =
      co_await createInTurn(std::move(name), std::move(spec), std::move(give_up));
  co_return id;
}

// Tashi refuses a second instance of a name (unless it is told not to), but one that was made and
// whose answer was lost has to be found: so what is there is looked at before every attempt.
awaitable<Result<std::string>> TashiMachines::createInTurn(model::VmName name,
                                                           model::MachineSpec spec,
                                                           GiveUp give_up) {
  const Deadline deadline = base::after(config_.call_max);
  base::Backoff backoff(config_.retry_pause, kRetryPauseMax);
  std::optional<Error> unanswered;  // an instance may be there, or appear
  for (;;) {
    const Result<std::vector<TashiInstance>> all =
        co_await unlessGivenUp(give_up, instances(deadline));
    if (!all) {
      co_return unanswered ? *unanswered : all.error();
    }
    for (const TashiInstance& each : *all) {
      const std::optional<model::VmName> its_name = nameIn(each.hints, config_.owner);
      if (its_name && its_name->text() == name.text()) {
        co_return idOfThere(each);
      }
    }
    const Result<WantedInstance> instance = wanted(name, spec);
    if (!instance) {
      co_return instance.error();
    }
    const Result<Answer> answer = co_await unlessGivenUp(
        give_up, askOnce("createVm", createVmArguments(*instance), deadline));
    if (answer && !answer->refusal) {
      co_return idOfMade(*answer);
    }
    if (answer && !(unanswered && isNameTaken(*answer->refusal))) {
      co_return errorOf(*answer->refusal);
    }
    if (!answer) {
      unanswered = Error(ErrorKind::kSystem, answer.error().message());
    }
    backoff.failed(SteadyClock::now());
    if ((give_up && give_up->isSet()) || backoff.until() >= deadline) {
      co_return *unanswered;
    }
    static_cast<void>(co_await unlessGivenUp(give_up, pauseUntil(executor_, backoff.until())));
  }
}

// Looking, and destroying.

std::string TashiMachines::addressOf(const TashiInstance& instance) const {
  if (config_.by_ip) {
    boost::system::error_code failure;
    const auto address = boost::asio::ip::make_address(instance.ip, failure);
    return failure ? "" : address.to_string();
  }
  return isHostName(instance.name) ? instance.name + config_.domain : "";
}

awaitable<Result<std::vector<remote::Instance>>> TashiMachines::list() {
  const Deadline deadline = base::after(config_.call_max);
  const Result<std::vector<TashiInstance>> all = co_await instances(deadline);
  if (!all) {
    co_return all.error();
  }
  std::vector<remote::Instance> ours;
  for (const TashiInstance& each : *all) {
    std::optional<model::VmName> name = nameIn(each.hints, config_.owner);
    if (!name) {
      continue;
    }
    const StateMeaning meaning = meaningOf(each.state);
    const bool runs = meaning.state == State::kRunning;
    ours.push_back({std::to_string(each.id), *std::move(name), meaning.state,
                    runs ? addressOf(each) : "", meaning.reason});
    if (meaning.stuck) {
      base::logWarning("tashiSSH: " + each.name + " is destroyed: " + meaning.reason);
      static_cast<void>(co_await askOnce("destroyVm", destroyVmArguments(each.id), deadline));
    }
  }
  co_return ours;
}

awaitable<Result<void>> TashiMachines::destroy(std::string id) {
  std::int64_t number = 0;
  const char* const end = id.data() + id.size();
  const auto [stop, failure] = std::from_chars(id.data(), end, number);
  if (failure != std::errc() || stop != end) {
    co_return Error(ErrorKind::kInvalid, "\"" + id + "\" is no id of Tashi's");
  }
  const Result<Answer> answer =
      co_await ask("destroyVm", destroyVmArguments(number), base::after(config_.call_max));
  if (!answer) {
    co_return answer.error();
  }
  const bool refused = answer->refusal && answer->refusal->number != kNoSuchInstance;
  co_return refused ? errorOf(*answer->refusal) : Result<void>();
}

ssh::SshTarget TashiMachines::target(const remote::Instance& instance) const {
  ssh::SshTarget target;
  target.host = instance.address;
  target.user = config_.user;
  target.port = config_.ssh_port;
  target.config_file = config_.ssh_config_file;
  target.key_file = config_.key_file;
  return target;
}

awaitable<Result<std::vector<std::string>>> TashiMachines::hostKeys(std::string /*id*/) {
  co_return std::vector<std::string>();
}

awaitable<Result<void>> TashiMachines::renew(std::vector<std::string> /*ids*/) {
  co_return Result<void>();
}

// Images.

awaitable<Result<std::vector<std::string>>> TashiMachines::getImages() {
  auto images = co_await async::offload(
      blocking_, [folder = config_.image_folder] { return imagesIn(folder); });
  co_return images;
}

awaitable<Result<void>> TashiMachines::findImage(std::string image) {
  auto found =
      co_await async::offload(blocking_, [folder = config_.image_folder, image = std::move(image)] {
        return findImageIn(folder, image);
      });
  co_return found;
}

awaitable<Result<void>> TashiMachines::buildImage(std::string /*name*/, std::string /*path*/) {
  co_return Error(ErrorKind::kUnsupported, "images of Tashi's are disks: put NAME.img into " +
                                               config_.image_folder.string() +
                                               " and into Tashi's images");
}

std::unique_ptr<TashiCloud> TashiCloud::make(boost::asio::any_io_executor executor,
                                             boost::asio::thread_pool& blocking,
                                             TashiConfig config) {
  return std::make_unique<TashiMachines>(std::move(executor), blocking, std::move(config));
}

}  // namespace tango::vmms::tashi
