#include "api/keys.hpp"

#include <algorithm>

#include <openssl/crypto.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/sha256.hpp"

namespace tango::api {
namespace {

constexpr base::Millis kPauseMin{100};
constexpr base::Millis kPauseMax{5'000};
constexpr base::Millis kForgetAfter{600'000};
// Addresses that are remembered; the oldest go first.
constexpr std::size_t kAddressesMax = 4096;

std::string digestOf(std::string_view text) {
  const base::Sha256 digest = base::sha256Of(text);
  return {digest.begin(), digest.end()};
}

}  // namespace

Keys::Keys(boost::asio::any_io_executor executor, std::vector<std::string> keys)
    : executor_(std::move(executor)) {
  for (const std::string& key : keys) {
    digests_.push_back(digestOf(key));
  }
}

bool Keys::isKey(std::string_view presented) const {
  const std::string digest = digestOf(presented);
  int same = 0;
  for (const std::string& known : digests_) {  // all of them, whichever it is
    same |= static_cast<int>(::CRYPTO_memcmp(known.data(), digest.data(), digest.size()) == 0);
  }
  return same != 0;
}

base::Millis Keys::pauseFor(const std::string& client) {
  const base::Deadline now = base::SteadyClock::now();
  std::erase_if(guesses_,
                [now](const auto& entry) { return now - entry.second.last > kForgetAfter; });
  if (guesses_.size() >= kAddressesMax && !guesses_.contains(client)) {
    guesses_.erase(std::min_element(
        guesses_.begin(), guesses_.end(),
        [](const auto& one, const auto& other) { return one.second.last < other.second.last; }));
  }
  Guesses& guesses = guesses_[client];
  const base::Millis pause = std::min(kPauseMax, kPauseMin * (1 << std::min(guesses.count, 10)));
  ++guesses.count;
  guesses.last = now;
  return pause;
}

boost::asio::awaitable<bool> Keys::check(std::string presented, std::string client) {
  if (isKey(presented)) {
    co_return true;
  }
  boost::asio::steady_timer timer(executor_, pauseFor(client));
  static_cast<void>(co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable)));
  co_return false;
}

}  // namespace tango::api
