// The instances of one account that we know: made by us, or seen by our tag. Only they are ever
// destroyed, and they are what counts against the bound.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "vmms/ec2/listing.hpp"

namespace tango::vmms::ec2 {

class Tracked {
 public:
  /// EC2's list may be so late with what was just made, or leave out what it had.
  static constexpr base::Millis kMissingMax{120'000};
  /// An instance that is gone is told for so long.
  static constexpr base::Millis kGoneToldFor{120'000};

  /// We have just made it.
  void made(std::string id, model::VmName name, base::Deadline now);
  /// EC2 has taken our word that it shall end.
  void terminated(const std::string& id);
  /// What the list has now, of all that are not terminated.
  void listed(const std::vector<Listed>& list, base::Deadline now);
  /// What was found of those that the list has not got (`missing`).
  void lookedAt(const std::vector<Listed>& found, base::Deadline now);
  /// Forgets what has been gone, or missing, for long.
  void forget(base::Deadline now);

  /// The ids that the last list had not got, though they should be there.
  [[nodiscard]] std::vector<std::string> missing() const;
  /// What the last round has shown, and what has been gone for a short time.
  [[nodiscard]] std::vector<remote::Instance> seen() const;
  /// The ids of those that cost money.
  [[nodiscard]] std::set<std::string> costing() const;
  [[nodiscard]] bool knows(const std::string& id) const { return all_.contains(id); }
  /// We made it so short ago that EC2 may not have heard of it everywhere.
  [[nodiscard]] bool isYoung(const std::string& id, base::Deadline now) const;
  /// The id of the instance of that name (as VmName::text gives it) that is not gone; "": none.
  [[nodiscard]] std::string idOf(const std::string& name_text) const;
  [[nodiscard]] bool empty() const { return all_.empty(); }

 private:
  struct Each {
    Listed listed;
    bool shown = false;      ///< by the last list, or the look at what it had not got
    base::Deadline changed;  ///< since when it has been missing or gone
    base::Deadline made{};   ///< by us; else long ago
  };
  void update(const Listed& listed, base::Deadline now);

  std::map<std::string, Each> all_;
};

}  // namespace tango::vmms::ec2
