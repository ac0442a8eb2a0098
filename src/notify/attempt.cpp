#include "notify/attempt.hpp"

#include <algorithm>
#include <charconv>

namespace tango::notify {
namespace {

using base::Millis;
using Next = AttemptEnd::Next;

constexpr int kRequestTimeout = 408;
constexpr int kTooManyRequests = 429;
constexpr int kDoublingsMax = 30;
constexpr std::int64_t kSecondsMax = 1'000'000;

// Its other form, a date, is as good as none.
std::optional<Millis> secondsOf(const std::string& text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || seconds < 0) {
    return std::nullopt;
  }
  return std::chrono::seconds(std::min(seconds, kSecondsMax));
}

Millis part(Millis whole, double share) {
  return Millis(static_cast<std::int64_t>(static_cast<double>(whole.count()) * share));
}

}  // namespace

AttemptEnd cannotBeSent(const base::Error& why) {
  return {Next::kHopeless, why.message(), std::nullopt, std::nullopt};
}

AttemptEnd judge(const std::optional<http::ClientResponse>& head,
                 const base::Result<http::ClientResponse>& response) {
  if (!head) {
    const base::Error& error = response.error();
    // What the client will not do is no word of the receiver's.
    return error.kind() == base::ErrorKind::kInvalid
               ? AttemptEnd{Next::kRefused, error.message(), std::nullopt, std::nullopt}
               : AttemptEnd{Next::kAgain, error.message(), std::nullopt, false};
  }
  const int status = head->status;
  if (status / 100 == 2) {
    return {Next::kNone, "", std::nullopt, true};
  }
  const bool again = status >= 500 || status == kRequestTimeout || status == kTooManyRequests;
  return {again ? Next::kAgain : Next::kRefused,
          "the receiver answered with status " + std::to_string(status) +
              (status / 100 == 3 ? ", but redirects are not followed" : ""),
          secondsOf(head->header("retry-after")), true};
}

Millis pauseAfter(int failed_attempts, const AttemptEnd& end, const NotifierConfig& config,
                  double chance) {
  const Millis least = std::max(config.backoff_min, Millis(1));
  const Millis most = std::max(config.backoff_max, least);
  if (end.retry_after) {
    return std::clamp(*end.retry_after, least, most) + part(least, chance);
  }
  Millis own = least;
  for (int each = 1; each < std::min(failed_attempts, kDoublingsMax) && own < most; ++each) {
    own *= 2;
  }
  own = std::min(own, most);
  return own - part(own, chance / 2);
}

}  // namespace tango::notify
