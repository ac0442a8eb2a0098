// Which life of a name an attempt to make its instance belongs to: EC2 makes one instance for a
// ClientToken, also once that instance is gone, and a VM's name may come again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <string>

namespace tango::vmms::ec2 {

/// Two attempts for one name have the same life unless an instance was made between them: one whose
/// answer was lost is found again that way.
class Lives {
 public:
  /// Of the attempt that begins now; `name` is VmName::text.
  std::uint64_t of(const std::string& name) {
    const auto [under_way, is_new] = under_way_.try_emplace(name, made_);
    const std::uint64_t life = under_way->second;
    if (is_new && under_way_.size() > kKeptMax) {
      under_way_.erase(under_way == under_way_.begin() ? std::next(under_way) : under_way_.begin());
    }
    return life;
  }

  /// The attempt has made an instance.
  void made(const std::string& name) {
    under_way_.erase(name);
    ++made_;
  }

 private:
  /// Beyond them one is given up: names that failed seldom come again.
  static constexpr std::size_t kKeptMax = 1'000;

  std::map<std::string, std::uint64_t> under_way_;
  std::uint64_t made_ = 0;
};

}  // namespace tango::vmms::ec2
