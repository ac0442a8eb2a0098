#include "vmms/ec2/accounts.hpp"

namespace tango::vmms::ec2 {

Accounts::Accounts(std::shared_ptr<Site> site, std::string token_seed)
    : site_(std::move(site)),
      token_seed_(std::move(token_seed)),
      own_(std::make_shared<Account>(site_, site_->config, Site::ourselves(site_), token_seed_)) {}

Accounts::Use::Use(Accounts& accounts, AccountPtr account)
    : accounts_(accounts), account_(std::move(account)) {
  accounts_.used_.insert(account_);
}

Accounts::Use::~Use() {
  accounts_.used_.erase(accounts_.used_.find(account_));
  accounts_.forgetEmpty();
}

AccountPtr Accounts::of(const model::CloudAccount& account) {
  if (!account.isSet()) {
    return own_;
  }
  AccountPtr& found = brought_[{account.access_key_id, account.access_key}];
  if (!found) {
    found = std::make_shared<Account>(site_, configAbroad(site_->config),
                                      Site::inNameOf(site_, account), token_seed_);
  }
  return found;
}

std::vector<AccountPtr> Accounts::brought() const {
  std::vector<AccountPtr> accounts;
  for (const auto& [key, account] : brought_) {
    accounts.push_back(account);
  }
  return accounts;
}

std::vector<AccountPtr> Accounts::all() const {
  std::vector<AccountPtr> accounts = brought();
  accounts.insert(accounts.begin(), own_);
  return accounts;
}

AccountPtr Accounts::havingInstance(const std::string& id) const {
  for (const AccountPtr& account : all()) {
    if (account->tracked().knows(id)) {
      return account;
    }
  }
  return nullptr;
}

std::string Accounts::idOf(const std::string& name_text) const {
  for (const AccountPtr& account : all()) {
    std::string id = account->tracked().idOf(name_text);
    if (!id.empty()) {
      return id;
    }
  }
  return "";
}

std::size_t Accounts::costing() const {
  // Two keys may be of one account.
  std::set<std::string> ids;
  for (const AccountPtr& account : all()) {
    ids.merge(account->tracked().costing());
  }
  return ids.size();
}

std::vector<remote::Instance> Accounts::instances() const {
  std::vector<remote::Instance> instances;
  std::set<std::string> ids;
  for (const AccountPtr& account : all()) {
    for (remote::Instance& each : account->tracked().seen()) {
      if (ids.insert(each.id).second) {
        instances.push_back(std::move(each));
      }
    }
  }
  return instances;
}

void Accounts::forgetEmpty() {
  std::erase_if(brought_, [this](const auto& entry) {
    return entry.second->tracked().empty() && !used_.contains(entry.second);
  });
}

}  // namespace tango::vmms::ec2
