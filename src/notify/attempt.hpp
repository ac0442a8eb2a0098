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
  enum class Next {
    kNone,     ///< it was taken
    kAgain,    ///< the receiver cannot take it now
    kRefused,  ///< the receiver does not want it
    kHopeless  ///< it cannot be sent at all
  };
  Next next = Next::kNone;
  std::string error;  ///< why not; neither URL nor answer are in it, for they may hold a secret
  /// The receiver's own wish (Retry-After), if it had one.
  std::optional<base::Millis> retry_after;
  /// Whether the receiver answers at all, if that is known.
  std::optional<bool> host_answers;
};

/// So many refusals in a row are taken for an answer.
inline constexpr int kRefusalsMax = 10;

[[nodiscard]] AttemptEnd cannotBeSent(const base::Error& why);
/// By the answer's head alone: `head` is set once that has come, whatever `response` then is.
[[nodiscard]] AttemptEnd judge(const std::optional<http::ClientResponse>& head,
                               const base::Result<http::ClientResponse>& response);

/// How long until the next attempt, after `failed_attempts`: see NotifierConfig. `chance` is from 0
/// to 1. A receiver's wish counts within the same bounds, and is only prolonged by chance, by up to
/// backoff_min.
[[nodiscard]] base::Millis pauseAfter(int failed_attempts, const AttemptEnd& end,
                                      const NotifierConfig& config, double chance);

}  // namespace tango::notify
