// Coroutines that run at once.
#pragma once

#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/result.hpp"

namespace tango::bench {

/// Runs all of them at once and returns when all have ended: with the error of the first that
/// failed, which ends the others. Can be cancelled.
boost::asio::awaitable<base::Result<void>> together(
    std::vector<boost::asio::awaitable<base::Result<void>>> tasks);

}  // namespace tango::bench
