// What came of one attempt at a callback, and what follows: pure.
#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "http/client.hpp"
#include "notify/notifier.hpp"

namespace tango::notify {

struct AttemptEnd {
  bool sent = false;
  std::string error;  ///< why not; neither URL nor answer are in it, for they may hold a secret
  /// The server's own wish (Retry-After), if it had one.
  std::optional<base::Millis> retry_after;
  /// Trying again cannot help: the receiver refuses it (4xx but 408 and 429), or redirects.
  bool refused = false;
};

[[nodiscard]] AttemptEnd judge(const base::Result<http::ClientResponse>& response);

/// How long until the next attempt, after so many failed ones: doubling from backoff_min to
/// backoff_max. A server's wish counts within these bounds.
[[nodiscard]] base::Millis pauseAfter(int failed_attempts, const AttemptEnd& end,
                                      const NotifierConfig& config);

/// A refusal may be a front end that is being upgraded: it is tried this often before it counts.
inline constexpr int kRefusalsMax = 5;

}  // namespace tango::notify
