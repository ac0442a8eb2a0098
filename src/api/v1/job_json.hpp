// Jobs and callbacks as the API shows them: the schemas Job and Callback of openapi.json. Nothing
// secret is in them: no EC2 keys, and no query string of a callback's URL.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/clock.hpp"
#include "model/job_record.hpp"
#include "store/job_store.hpp"

namespace tango::api::v1 {

/// `rank`: the queued job's place, where it is known.
[[nodiscard]] boost::json::object jobJson(const model::JobRecord& job,
                                          std::optional<std::size_t> rank);
[[nodiscard]] boost::json::object callbackJson(const store::Callback& callback);

/// "2026-11-23T17:31:03.250Z"; null for 0.
[[nodiscard]] boost::json::value timeJson(base::UnixMillis when);
/// `url` without what may hold a key: its query string and its fragment.
[[nodiscard]] std::string shownUrl(const std::string& url);

}  // namespace tango::api::v1
