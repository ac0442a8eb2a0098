// Connections that are kept for another request of the same origin.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "http/client_connection.hpp"

namespace tango::http {

class KeptConnections {
 public:
  static constexpr std::size_t kConnectionsMax = 16;
  static constexpr std::size_t kPerOriginMax = 4;
  /// Kept unused for longer, a server or what stands before it is likely to have forgotten it. What
  /// is over it goes with the next call.
  static constexpr base::Millis kUnusedMax{15'000};

  void put(const std::string& origin, ConnectionPtr connection, base::Deadline now);
  /// The one used last that nothing has come over since; null: there is none.
  ConnectionPtr take(const std::string& origin, base::Deadline now);
  /// Ends those of `origin`.
  void drop(const std::string& origin);

 private:
  struct Kept {
    std::string origin;
    base::Deadline since;
    ConnectionPtr connection;
  };
  void dropOld(base::Deadline now);

  std::vector<Kept> kept_;  ///< the one used last at the end
};

}  // namespace tango::http
