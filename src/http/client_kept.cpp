#include "http/client_kept.hpp"

#include <algorithm>
#include <utility>

namespace tango::http {

void KeptConnections::dropOld(base::Deadline now) {
  std::erase_if(kept_, [now](const Kept& each) { return each.since + kUnusedMax < now; });
}

void KeptConnections::put(const std::string& origin, ConnectionPtr connection, base::Deadline now) {
  dropOld(now);
  const auto is_of_origin = [&origin](const Kept& each) { return each.origin == origin; };
  if (std::count_if(kept_.begin(), kept_.end(), is_of_origin) >=
      static_cast<std::ptrdiff_t>(kPerOriginMax)) {
    kept_.erase(std::find_if(kept_.begin(), kept_.end(), is_of_origin));
  } else if (kept_.size() >= kConnectionsMax) {
    kept_.erase(kept_.begin());
  }
  kept_.push_back({origin, now, std::move(connection)});
}

ConnectionPtr KeptConnections::take(const std::string& origin, base::Deadline now) {
  dropOld(now);
  for (auto each = kept_.end(); each != kept_.begin();) {
    --each;
    if (each->origin != origin) {
      continue;
    }
    ConnectionPtr connection = std::move(each->connection);
    each = kept_.erase(each);
    if (connection->isQuiet()) {
      return connection;
    }
  }
  return nullptr;
}

void KeptConnections::drop(const std::string& origin) {
  std::erase_if(kept_, [&origin](const Kept& each) { return each.origin == origin; });
}

}  // namespace tango::http
