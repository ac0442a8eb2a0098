// The outbox of callbacks; see JobStore's methods of the same names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/job_store.hpp"
#include "store/sqlite.hpp"

namespace tango::store {

std::vector<Callback> dueCallbacks(sqlite::Connection& db, UnixMillis now, base::Millis wait_max,
                                   std::size_t callbacks_max);
std::optional<UnixMillis> nextCallbackDue(sqlite::Connection& db, UnixMillis after);
std::vector<Callback> callbacks(sqlite::Connection& db);
void callbackSent(sqlite::Connection& db, std::int64_t job_id);
/// kNotFound: it is not owed (any more).
Result<void> callbackFailed(sqlite::Connection& db, std::int64_t job_id, const std::string& error,
                            UnixMillis due, bool give_up);
Result<void> resendCallback(sqlite::Connection& db, std::int64_t job_id, UnixMillis now);

}  // namespace tango::store
