// Tashi's cluster manager over the network: one connection a call. Tashi's server has a thread for
// each, and a connection that stays would only have to be found dead before it is made anew.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "http/client_resolver.hpp"
#include "vmms/tashi/instances.hpp"
#include "vmms/tashi/pickle_value.hpp"

namespace tango::vmms::tashi {

class TashiClient {
 public:
  /// What Tashi says to a call: a value, or "no".
  struct Answer {
    std::optional<Refusal> refusal;
    Pickle value;  ///< without a root, if it was refused
  };

  TashiClient(std::string host, std::uint16_t port);

  /// Calls `method` with a pickle of its arguments. kTimeout: there was no whole answer at
  /// `deadline`; kSystem: Tashi is not reached, or what answers is not Tashi. In both cases it may
  /// have done what was asked. Can be cancelled; it must outlive the call.
  boost::asio::awaitable<base::Result<Answer>> call(std::string method, std::string arguments,
                                                    base::Deadline deadline) const;

 private:
  boost::asio::awaitable<base::Result<Answer>> exchange(std::string method, std::string arguments,
                                                        base::Deadline deadline) const;

  const std::string host_;
  const std::uint16_t port_;
  const http::Resolver resolver_;
};

}  // namespace tango::vmms::tashi
