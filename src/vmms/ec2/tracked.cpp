#include "vmms/ec2/tracked.hpp"

#include <utility>

namespace tango::vmms::ec2 {

using State = remote::Instance::State;

void Tracked::made(std::string id, model::VmName name, base::Deadline now) {
  Each& each = all_[id];
  each.listed.instance.id = std::move(id);
  each.listed.instance.name = std::move(name);
  each.changed = now;
  each.made = now;
}

void Tracked::terminated(const std::string& id) {
  const auto found = all_.find(id);
  if (found != all_.end()) {
    found->second.listed.costs = false;
  }
}

void Tracked::update(const Listed& listed, base::Deadline now) {
  Each& each = all_[listed.instance.id];
  const bool gone_before = each.listed.instance.state == State::kGone;
  each.listed = listed;
  each.shown = true;
  if (!gone_before) {
    each.changed = now;
  }
}

void Tracked::listed(const std::vector<Listed>& list, base::Deadline now) {
  for (auto& [id, each] : all_) {
    each.shown = false;
  }
  for (const Listed& each : list) {
    update(each, now);
  }
}

void Tracked::lookedAt(const std::vector<Listed>& found, base::Deadline now) {
  for (const Listed& each : found) {
    update(each, now);
  }
}

void Tracked::forget(base::Deadline now) {
  std::erase_if(all_, [now](const auto& entry) {
    const Each& each = entry.second;
    const bool gone = each.listed.instance.state == State::kGone;
    return (gone || !each.shown) && now - each.changed > (gone ? kGoneToldFor : kMissingMax);
  });
}

std::vector<std::string> Tracked::missing() const {
  std::vector<std::string> ids;
  for (const auto& [id, each] : all_) {
    if (!each.shown && each.listed.instance.state != State::kGone) {
      ids.push_back(id);
    }
  }
  return ids;
}

std::vector<remote::Instance> Tracked::seen() const {
  std::vector<remote::Instance> instances;
  for (const auto& [id, each] : all_) {
    if (each.shown || each.listed.instance.state == State::kGone) {
      instances.push_back(each.listed.instance);
    }
  }
  return instances;
}

std::set<std::string> Tracked::costing() const {
  std::set<std::string> ids;
  for (const auto& [id, each] : all_) {
    if (each.listed.costs) {
      ids.insert(id);
    }
  }
  return ids;
}

bool Tracked::isYoung(const std::string& id, base::Deadline now) const {
  const auto found = all_.find(id);
  return found != all_.end() && found->second.made != base::Deadline{} &&
         now - found->second.made < kMissingMax;
}

std::string Tracked::idOf(const std::string& name_text) const {
  for (const auto& [id, each] : all_) {
    if (each.listed.instance.state != State::kGone &&
        each.listed.instance.name.text() == name_text) {
      return id;
    }
  }
  return "";
}

}  // namespace tango::vmms::ec2
