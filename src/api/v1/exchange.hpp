// What the handlers have in common: the parts of a request that are read, and answers in JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>

#include "api/service.hpp"
#include "api/v1/problem.hpp"
#include "api/v1/query_fields.hpp"
#include "http/message.hpp"
#include "model/job_record.hpp"

namespace tango::api::v1 {

/// The longest that a request waits for something to happen.
inline constexpr std::uint64_t kWaitSecondsMax = 60;

[[nodiscard]] http::Response answer(int status, const boost::json::value& body);

/// The request's body, which has to be of the type application/json, as an object. Borrows
/// `request` for the call.
boost::asio::awaitable<OrProblem<boost::json::value>> readJson(http::Request& request);

/// The problem of a request that has a query string where none is known.
[[nodiscard]] std::optional<Problem> unknownQuery(const http::Request& request);

/// The job's id in the third segment of "/v1/jobs/{id}/...".
[[nodiscard]] OrProblem<std::int64_t> jobId(const http::Request& request);

/// The segment at `index`, which has to be one path component; `field` names it.
[[nodiscard]] OrProblem<std::string> componentAt(const http::Request& request, std::size_t index,
                                                 std::string_view field);

/// The deadline of the query's parameter "wait".
[[nodiscard]] base::Deadline waitDeadline(QueryFields& query);

/// Returns once the job has ended, at `deadline`, or when the service is to end.
boost::asio::awaitable<void> waitForEnd(const Service& service, std::int64_t id,
                                        base::Deadline deadline);

/// The job in JSON, with its rank if it is queued.
[[nodiscard]] boost::json::value shownJob(const Service& service, const model::JobRecord& job);

/// Why a request's body could not be read and kept; a full disk is kTooLarge too (413).
[[nodiscard]] Problem uploadProblem(const base::Error& error);

}  // namespace tango::api::v1
