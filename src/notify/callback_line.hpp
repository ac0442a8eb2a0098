// The callbacks that are due and wait for their turn, by host, and which may begin: pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "store/job_store.hpp"

namespace tango::notify {

/// A callback whose turn it is.
struct Turn {
  store::Callback callback;
  std::string host;
};

/// No callback is twice in it, from `add` until `settled`: neither waiting nor under way.
class CallbackLine {
 public:
  /// See NotifierConfig; 0 counts as 1.
  CallbackLine(std::size_t at_once_max, std::size_t at_once_per_host_max);

  /// While the store is looked at, `add` leaves out what is settled meanwhile: what the store
  /// answers may be older than that.
  void beginLook() { looking_ = true; }
  void endLook() {
    looking_ = false;
    settled_while_looking_.clear();
  }
  /// Does nothing if it is there already.
  void add(store::Callback callback, const std::string& host);
  /// The next that may begin; it is then under way. Hosts take turns.
  std::optional<Turn> next();
  /// One to `host` is no longer under way. `answers`: whether the host does, if that is known.
  void ended(const std::string& host, std::optional<bool> answers);
  /// The store knows what came of it: it may be added again.
  void settled(std::int64_t job_id);

  [[nodiscard]] bool hasRoom() const { return under_way_ < at_once_max_; }

 private:
  struct Host {
    std::deque<store::Callback> waiting;
    std::size_t under_way = 0;
  };

  [[nodiscard]] bool mayBegin(const std::string& name, const Host& host) const;
  [[nodiscard]] std::size_t silentUnderWay() const;

  const std::size_t at_once_max_;
  const std::size_t at_once_per_host_max_;
  std::map<std::string, Host> hosts_;  ///< those with one waiting or under way
  std::string last_host_;              ///< whose turn it was last
  std::size_t under_way_ = 0;
  std::set<std::int64_t> known_;
  bool looking_ = false;
  std::set<std::int64_t> settled_while_looking_;
  std::set<std::string> silent_;  ///< hosts that did not answer the last time
};

}  // namespace tango::notify
