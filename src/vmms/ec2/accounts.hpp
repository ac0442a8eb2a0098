// All accounts in use: our own, and those that jobs have brought, each for as long as it has
// instances of ours.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/machine_spec.hpp"
#include "vmms/ec2/account.hpp"

namespace tango::vmms::ec2 {

using AccountPtr = std::shared_ptr<Account>;

class Accounts {
 public:
  Accounts(std::shared_ptr<Site> site, std::string token_seed);

  /// Held while an account is used, so that it is not forgotten meanwhile.
  class Use {
   public:
    Use(Accounts& accounts, AccountPtr account);
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use();
    Account* operator->() const { return account_.get(); }

   private:
    Accounts& accounts_;
    AccountPtr account_;
  };

  [[nodiscard]] const AccountPtr& own() const { return own_; }
  /// The one that a VM of `spec` is made in.
  AccountPtr of(const model::CloudAccount& account);
  /// The one that has the instance; null: none has.
  [[nodiscard]] AccountPtr havingInstance(const std::string& id) const;
  /// The id of the instance of that name that is not gone, in whichever account; "": none.
  [[nodiscard]] std::string idOf(const std::string& name_text) const;
  /// How many instances cost money, in all of them together.
  [[nodiscard]] std::size_t costing() const;
  /// What is known of all instances, each once.
  [[nodiscard]] std::vector<remote::Instance> instances() const;
  [[nodiscard]] std::vector<AccountPtr> brought() const;
  /// Forgets the accounts of jobs that are not in use and have nothing of ours.
  void forgetEmpty();

 private:
  [[nodiscard]] std::vector<AccountPtr> all() const;

  std::shared_ptr<Site> site_;
  std::string token_seed_;
  AccountPtr own_;
  /// By key id and key: who knows but the id shares nothing with who has the key.
  std::map<std::pair<std::string, std::string>, AccountPtr> brought_;
  std::multiset<AccountPtr> used_;
};

}  // namespace tango::vmms::ec2
