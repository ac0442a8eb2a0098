// Account's part that makes instances: types and places are tried until one has capacity.
#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "vmms/ec2/account.hpp"

namespace tango::vmms::ec2 {
namespace {

using base::Error;
using base::ErrorKind;
using base::Millis;

constexpr int kGroundTries = 4;
constexpr Millis kGroundPause{1'000};
constexpr int kTokenTries = 5;
constexpr Millis kTokenPause{1'000};

// The key pair or the group is not (or not yet) known where the instance is made.
bool meansGroundGone(const std::string& code) {
  return code == "InvalidKeyPair.NotFound" || code == "InvalidGroup.NotFound" ||
         code == "InvalidGroupId.NotFound";
}

std::string placeText(const Place& place) {
  if (!place.subnet.empty()) {
    return " in " + place.subnet;
  }
  return place.zone.empty() ? "" : " in " + place.zone;
}

}  // namespace

bool isAmi(const std::string& text) {
  constexpr std::string_view kStart = "ami-";
  constexpr std::size_t kDigitsMin = 8;
  constexpr std::size_t kDigitsMax = 17;
  return text.starts_with(kStart) && text.size() >= kStart.size() + kDigitsMin &&
         text.size() <= kStart.size() + kDigitsMax &&
         std::all_of(text.begin() + kStart.size(), text.end(), [](char each) {
           return (each >= '0' && each <= '9') || (each >= 'a' && each <= 'f');
         });
}

std::string amiOf(const Ec2Config& config, const std::string& image) {
  const auto found = config.images.find(image);
  if (found == config.images.end()) {
    return config.other_images && isAmi(image) ? image : config.ami;
  }
  return found->second.ami.empty() ? config.ami : found->second.ami;
}

std::string typeOf(const Ec2Config& config, const std::string& image) {
  const auto found = config.images.find(image);
  return found == config.images.end() || found->second.type.empty() ? config.type
                                                                    : found->second.type;
}

std::string userOf(const Ec2Config& config, const std::string& image) {
  const auto found = config.images.find(image);
  return found == config.images.end() || found->second.user.empty() ? config.user
                                                                    : found->second.user;
}

std::vector<Place> Account::places() const {
  std::vector<Place> all;
  for (const std::string& subnet : config_.subnets) {
    all.push_back({.zone = "", .subnet = subnet});
  }
  if (all.empty()) {
    for (const std::string& zone : config_.zones) {
      all.push_back({.zone = zone, .subnet = ""});
    }
  }
  return all.empty() ? std::vector<Place>{Place{}} : all;
}

awaitable<Result<std::string>> Account::launch(model::VmName name, model::MachineSpec spec,
                                               GiveUp give_up) {
  const Patience patience{base::after(config_.call_max * 2), give_up, ""};
  const Result<MachineImage> image = co_await this->image(amiOf(config_, spec.image), patience);
  if (!image) {
    co_return image.error();
  }
  Launch launch;
  launch.name = name;
  launch.image = *image;
  launch.user_data = config_.user_data;
  launch.lease_until = base::secondsOf(base::unixNow() + config_.lease.count());
  const std::uint64_t life = lives_.of(name.text());
  launch.token_seed = token_seed_ + "/" + std::to_string(life);
  for (int tried = 0;; ++tried) {
    const Result<Ground> ground = co_await this->ground(give_up);
    if (!ground) {
      co_return ground.error();
    }
    const Result<std::vector<std::string>> types = typesToTry(
        ground->types, typeOf(config_, spec.image),
        config_.types.empty() ? defaultTypes() : config_.types, !config_.types.empty(), spec);
    if (!types) {
      co_return types.error();
    }
    launch.key_name = ground->key_name;
    launch.group_id = ground->group_id;
    const Result<std::string> id = co_await launchSomewhere(launch, *types, patience);
    if (id) {
      tracked_.made(*id, name, base::SteadyClock::now());
      lives_.made(name.text());
    }
    if (id || ground_ || tried + 1 == kGroundTries) {
      co_return id;
    }
    co_await pauseUntil(base::after(kGroundPause), give_up);
  }
}

awaitable<Result<std::string>> Account::launchSomewhere(Launch launch,
                                                        std::vector<std::string> types,
                                                        Patience patience) {
  std::string refusals;
  bool never = true;  // no type is offered at any place
  for (const std::string& type : types) {
    for (const Place& place : places()) {
      const Attempt attempt = co_await launchAt(launch, type, place, patience);
      if (attempt.id || !attempt.elsewhere) {
        if (attempt.ground_gone) {
          ground_.reset();
        }
        co_return attempt.id;
      }
      never = never && attempt.id.error().kind() == ErrorKind::kUnsupported;
      refusals += (refusals.empty() ? "" : "; ") + type + placeText(place) + ": " +
                  attempt.id.error().message();
    }
  }
  co_return Error(never ? ErrorKind::kUnsupported : ErrorKind::kSystem, "no capacity: " + refusals);
}

awaitable<Account::Attempt> Account::launchAt(Launch launch, std::string type, Place place,
                                              Patience patience) {
  const Reply reply = co_await api_.call(launchQuery(launch, type, place, config_), patience);
  if (reply.ok()) {
    const std::vector<Element>& made = reply.content->items("instancesSet");
    const std::string id = made.empty() ? "" : made.front().at("instanceId");
    if (id.empty()) {
      co_return Attempt{Error(ErrorKind::kSystem, "RunInstances: the answer has no instance")};
    }
    co_return Attempt{id};
  }
  if (reply.code == "IdempotentParameterMismatch") {
    Result<std::string> id = co_await madeFor(clientToken(launch, type, place), patience);
    co_return Attempt{id};
  }
  if (meansGroundGone(reply.code)) {
    co_return Attempt{.id = Error(ErrorKind::kSystem, reply.error().message()),
                      .ground_gone = true};
  }
  co_return Attempt{.id = reply.error(), .elsewhere = reply.remedy == Remedy::kElsewhere};
}

// An earlier attempt, whose answer was lost, has made the instance, a moment before.
awaitable<Result<std::string>> Account::madeFor(std::string token, Patience patience) {
  for (int tried = 0; tried < kTokenTries && !isSet(patience.give_up); ++tried) {
    const Result<std::optional<std::string>> id =
        co_await findByToken(api_, ownership(), token, patience);
    if (!id) {
      co_return id.error();
    }
    if (*id) {
      co_return **id;
    }
    co_await pauseUntil(base::after(kTokenPause), patience.give_up);
  }
  co_return Error(ErrorKind::kSystem,
                  "RunInstances: an instance was made before, but EC2 does not show it");
}

}  // namespace tango::vmms::ec2
