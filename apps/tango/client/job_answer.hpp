// A job, as /v1 describes it, in words.
#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "tango/client/table.hpp"

namespace tango::client {

/// "queued", "running", or once it has ended its verdict.
[[nodiscard]] Cell stateCell(const boost::json::object& job);
/// How it ended, in one line.
[[nodiscard]] std::string verdictLine(const boost::json::object& job);
/// Time, memory, processes, disk and output that it used; "" if it did not run.
[[nodiscard]] std::string usageLine(const boost::json::object& job);
/// From its start to its end; "" if that is not over.
[[nodiscard]] std::string runTime(const boost::json::object& job);
[[nodiscard]] bool hasEnded(const boost::json::object& job);
/// 0 make succeeded, 1 make failed, 2 a limit ended it, 3 the service failed or refused it,
/// 130 cancelled: as `tango run` has them.
[[nodiscard]] int exitStatusOf(const boost::json::object& job);
/// All of it, for people, on stdout.
void printJob(const boost::json::object& job);

}  // namespace tango::client
