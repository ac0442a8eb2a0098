#include "http/connection_table.hpp"

#include <algorithm>
#include <array>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace tango::http {

std::string clientGroup(const std::string& client) {
  in6_addr address{};
  if (::inet_pton(AF_INET6, client.c_str(), &address) != 1) {
    return client;
  }
  std::fill(std::begin(address.s6_addr) + 8, std::end(address.s6_addr), std::uint8_t{0});
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET6, &address, text.data(), static_cast<socklen_t>(text.size()));
  return text.data();
}

ConnectionTable::Verdict ConnectionTable::verdict(const std::string& client) const {
  const auto group = by_group_.find(clientGroup(client));
  if (served() < bounds_.in_all &&
      (group == by_group_.end() || group->second < bounds_.per_client)) {
    return Verdict::kServe;
  }
  return turned_away_ < bounds_.turned_away ? Verdict::kTurnAway : Verdict::kClose;
}

void ConnectionTable::endAll() {
  for (Connection* connection : listed_) {
    connection->endAfterThis();
    if (connection->idle()) {
      connection->cut();
    }
  }
}

void ConnectionTable::cutAll() {
  for (Connection* connection : listed_) {
    connection->cut();
  }
}

ConnectionTable::Entry::Entry(ConnectionTable& table, Connection& connection, Verdict verdict)
    : table_(table),
      at_(table.listed_.insert(table.listed_.end(), &connection)),
      verdict_(verdict),
      group_(clientGroup(connection.client())) {
  if (verdict_ == Verdict::kServe) {
    ++table_.by_group_[group_];
  } else {
    ++table_.turned_away_;
  }
}

ConnectionTable::Entry::~Entry() {
  table_.listed_.erase(at_);
  if (verdict_ != Verdict::kServe) {
    --table_.turned_away_;
    return;
  }
  const auto group = table_.by_group_.find(group_);
  if (--group->second == 0) {
    table_.by_group_.erase(group);
  }
}

}  // namespace tango::http
