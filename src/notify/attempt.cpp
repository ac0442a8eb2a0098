#include "notify/attempt.hpp"

#include <algorithm>
#include <charconv>

namespace tango::notify {
namespace {

constexpr int kRequestTimeout = 408;
constexpr int kTooManyRequests = 429;
constexpr int kDoublingsMax = 20;

// Its other form, a date, is as good as none.
std::optional<base::Millis> secondsFrom(const std::string& text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  constexpr std::int64_t kSecondsMax = 1'000'000;
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || seconds < 0 ||
      seconds > kSecondsMax) {
    return std::nullopt;
  }
  return std::chrono::seconds(seconds);
}

}  // namespace

AttemptEnd judge(const base::Result<http::ClientResponse>& response) {
  if (!response) {
    return {false, response.error().message(), std::nullopt,
            response.error().kind() == base::ErrorKind::kInvalid};
  }
  const int status = response->status;
  if (status / 100 == 2) {
    return {true, "", std::nullopt, false};
  }
  const bool again = status >= 500 || status == kRequestTimeout || status == kTooManyRequests;
  return {false, "the receiver answered with status " + std::to_string(status),
          secondsFrom(response->header("retry-after")), !again};
}

base::Millis pauseAfter(int failed_attempts, const AttemptEnd& end, const NotifierConfig& config) {
  const int doublings = std::clamp(failed_attempts - 1, 0, kDoublingsMax);
  const base::Millis own = std::min(config.backoff_max, config.backoff_min * (1 << doublings));
  if (!end.retry_after) {
    return own;
  }
  return std::clamp(*end.retry_after, config.backoff_min, config.backoff_max);
}

}  // namespace tango::notify
