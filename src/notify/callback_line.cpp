#include "notify/callback_line.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace tango::notify {
namespace {

// Who makes up hosts shall not fill the memory with their names.
constexpr std::size_t kSilentMax = 1000;

}  // namespace

CallbackLine::CallbackLine(std::size_t at_once_max, std::size_t at_once_per_host_max)
    : at_once_max_(std::max<std::size_t>(at_once_max, 1)),
      at_once_per_host_max_(std::max<std::size_t>(at_once_per_host_max, 1)) {}

void CallbackLine::add(store::Callback callback, const std::string& host) {
  if (!settled_while_looking_.contains(callback.job_id) && known_.insert(callback.job_id).second) {
    hosts_[host].waiting.push_back(std::move(callback));
  }
}

std::size_t CallbackLine::silentUnderWay() const {
  std::size_t count = 0;
  for (const auto& [name, host] : hosts_) {
    count += silent_.contains(name) ? host.under_way : 0;
  }
  return count;
}

bool CallbackLine::mayBegin(const std::string& name, const Host& host) const {
  if (host.waiting.empty()) {
    return false;
  }
  if (silent_.contains(name)) {
    return host.under_way == 0 && silentUnderWay() < std::max<std::size_t>(at_once_max_ / 2, 1);
  }
  return host.under_way < at_once_per_host_max_;
}

std::optional<Turn> CallbackLine::next() {
  if (!hasRoom() || hosts_.empty()) {
    return std::nullopt;
  }
  auto host = hosts_.upper_bound(last_host_);
  for (std::size_t left = hosts_.size(); left > 0; --left, ++host) {
    if (host == hosts_.end()) {
      host = hosts_.begin();
    }
    if (mayBegin(host->first, host->second)) {
      Turn turn{std::move(host->second.waiting.front()), host->first};
      host->second.waiting.pop_front();
      ++host->second.under_way;
      ++under_way_;
      last_host_ = host->first;
      return turn;
    }
  }
  return std::nullopt;
}

void CallbackLine::ended(const std::string& host, std::optional<bool> answers) {
  const auto found = hosts_.find(host);
  TANGO_ASSERT(found != hosts_.end() && found->second.under_way > 0, "none was under way");
  --found->second.under_way;
  --under_way_;
  if (found->second.under_way == 0 && found->second.waiting.empty()) {
    hosts_.erase(found);
  }
  if (answers == true) {
    silent_.erase(host);
  } else if (answers == false) {
    if (silent_.size() >= kSilentMax) {
      silent_.clear();
    }
    silent_.insert(host);
  }
}

void CallbackLine::settled(std::int64_t job_id) {
  known_.erase(job_id);
  if (looking_) {
    settled_while_looking_.insert(job_id);
  }
}

}  // namespace tango::notify
