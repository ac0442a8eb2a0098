// Keeps the store bounded.
#pragma once

#include "store/job_store.hpp"
#include "store/session.hpp"

namespace tango::store {

/// One step of JobStore::forget, for a transaction of the caller's. An ended job whose callback is
/// owed stays, whatever the bounds say.
Forgotten forget(Session& session, const HistoryBounds& bounds);

}  // namespace tango::store
