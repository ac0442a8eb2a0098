// Names to addresses. getaddrinfo(3) blocks for as long as a dead name server lets it and cannot be
// interrupted, so each lookup has a thread of its own, which is left behind when nobody waits for
// it any more: a name that is slow to resolve holds up neither another one nor the end of a
// request. (Asio's resolver has one thread for all.)
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace tango::http {

using Addresses = std::vector<boost::asio::ip::address>;
using LookUp = std::function<base::Result<Addresses>(const std::string& host)>;

class Resolver {
 public:
  /// Under way at once, those included that nobody waits for any more.
  static constexpr std::size_t kLookupsMax = 64;

  /// `look_up` is called on a thread that may outlive the resolver; empty: getaddrinfo.
  explicit Resolver(LookUp look_up = {});

  /// The addresses of `host`, a name or itself an address, at least one, in the order in which they
  /// are to be tried. kTimeout at `deadline`; kSystem: it has none, or too many lookups are under
  /// way. Can be cancelled (terminal).
  [[nodiscard]] boost::asio::awaitable<base::Result<Addresses>> resolve(
      std::string host, base::Deadline deadline) const;

 private:
  const LookUp look_up_;
  const std::shared_ptr<std::atomic<std::size_t>> under_way_;
};

}  // namespace tango::http
