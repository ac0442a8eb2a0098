// The newest ended jobs as JSON. What an ended job is never changes, so each is written once and
// kept; which they are is asked of the store each time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "api/service.hpp"
#include "base/result.hpp"

namespace tango::api::wire {

class EndedJobs {
 public:
  /// `service` is borrowed.
  explicit EndedJobs(const Service& service) : service_(service) {}
  EndedJobs(const EndedJobs&) = delete;
  EndedJobs& operator=(const EndedJobs&) = delete;

  /// `before`, the newest `listed_jobs_max` of them, oldest first, separated by commas, and
  /// `after`. Several calls may be under way.
  boost::asio::awaitable<base::Result<std::string>> list(std::string before, std::string after);

 private:
  boost::asio::awaitable<base::Result<void>> know(std::vector<std::int64_t> missing);
  boost::asio::awaitable<base::Result<void>> knowAll();
  [[nodiscard]] std::vector<std::int64_t> missingOf(const std::vector<std::int64_t>& ids) const;
  void add(const model::JobRecord& job);
  [[nodiscard]] std::string joined(std::string before, const std::vector<std::int64_t>& ids,
                                   const std::string& after) const;

  const Service& service_;
  std::map<std::int64_t, std::string> known_;
};

}  // namespace tango::api::wire
