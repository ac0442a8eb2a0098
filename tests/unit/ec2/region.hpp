// A region of EC2 for tests: tests/ec2/endpoint.py as a process of its own, which ends with us.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "http/client.hpp"
#include "support/talking_child.hpp"

namespace tango::test {

class Region {
 public:
  /// `option` is endpoint.py's; with "--ssh-port=N" instances have machines behind them.
  explicit Region(const std::string& option = "--no-machines");
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;

  /// What endpoint.py says at first: "ec2", "control", "access_key_id", ...
  [[nodiscard]] std::string told(const std::string& name) const;
  [[nodiscard]] std::string toldOfOther(const std::string& name) const;
  /// One word of tests/ec2/control.py, and its answer.
  boost::json::object say(const std::string& verb, const boost::json::object& fields = {});
  /// The next `count` calls of `action` go wrong.
  void fault(const std::string& action, const std::string& kind, int count = 1,
             const std::string& code = "InternalError", int status = 500);
  /// As it was at first.
  void reset();

  /// Instances that still cost something.
  boost::json::array instances();
  /// All calls of `action` since the last reset, in their order.
  std::vector<boost::json::object> calls(const std::string& action);
  /// What was not as EC2's service model demands it: must be empty.
  std::string violations();

 private:
  boost::asio::io_context context_;
  http::Client client_;
  TalkingChild child_;
  boost::json::object greeting_;
};

}  // namespace tango::test
