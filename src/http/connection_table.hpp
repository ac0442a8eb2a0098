// Who is connected: the bounds on how many may be, in all and for each client, and the list by
// which they are ended.
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <string>

#include "http/connection.hpp"

namespace tango::http {

class ConnectionTable {
 public:
  struct Bounds {
    std::size_t in_all;
    std::size_t per_client;
    std::size_t turned_away;  ///< that hear so; more are closed without a word
  };
  enum class Verdict { kServe, kTurnAway, kClose };

  explicit ConnectionTable(Bounds bounds) : bounds_(bounds) {}

  /// What shall become of a new connection of `client`, an IP address.
  [[nodiscard]] Verdict verdict(const std::string& client) const;

  /// Those that are served.
  [[nodiscard]] std::size_t served() const { return listed_.size() - turned_away_; }

  /// Ends those without a request now, the others after their answer.
  void endAll();
  void cutAll();

  /// A connection is in the table while this lives. Both are borrowed.
  class Entry {
   public:
    Entry(ConnectionTable& table, Connection& connection, Verdict verdict);
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry();

   private:
    ConnectionTable& table_;
    const std::list<Connection*>::iterator at_;
    const Verdict verdict_;
    const std::string group_;
  };

 private:
  const Bounds bounds_;
  std::list<Connection*> listed_;
  std::map<std::string, std::size_t> by_group_;
  std::size_t turned_away_ = 0;
};

/// Those addresses that one client can have at will count as one: for IPv6 the /64 network.
[[nodiscard]] std::string clientGroup(const std::string& client);

}  // namespace tango::http
