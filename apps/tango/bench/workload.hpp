// The job that is run again and again, and what is right about it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "tango/bench/lane.hpp"

namespace tango::bench {

class Workload {
 public:
  /// `files` as POST /v1/jobs has them; `output`: what make prints.
  Workload(std::string image, boost::json::array files, std::string output)
      : image_(std::move(image)), files_(std::move(files)), output_(std::move(output)) {}

  /// The body of POST /v1/jobs; a job of its own each time.
  [[nodiscard]] std::string newRequest() const;
  /// kInvalid: the ended `job` did not succeed, or `output` is not what make prints; says which job
  /// it is, how it ended and what it printed.
  [[nodiscard]] Result<void> check(const boost::json::object& job, std::string_view output) const;

 private:
  std::string image_;
  boost::json::array files_;
  std::string output_;
};

struct JobRun {
  std::int64_t id = 0;
  base::Deadline begun;  ///< its request was sent
  base::Deadline ended;  ///< its output's last byte was read
};

/// Adds one job and waits for its output; checks it after the clock has stopped.
awaitable<Result<JobRun>> runJob(Lane& lane, const Workload& workload);

}  // namespace tango::bench
