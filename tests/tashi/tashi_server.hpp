// Tashi's cluster manager for tests: tests/tashi/server.py, as long as this lives.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support/talking_child.hpp"
#include "vmms/tashi/tashi_cloud.hpp"

namespace tango::test {

class TashiServer {
 public:
  enum class Machines { kReal, kNone };

  explicit TashiServer(Machines machines, std::uint16_t ssh_port = 2222);
  TashiServer(const TashiServer&) = delete;
  TashiServer& operator=(const TashiServer&) = delete;

  /// For its clients: our key, its folder of images, and times for what is on loopback.
  [[nodiscard]] vmms::tashi::TashiConfig config() const;
  /// Puts a file into its folder of images.
  void addImage(const std::string& file) const;

  /// The next `times` calls of `method` ("GETROOT" for what comes before every call) fail as
  /// tests/tashi/out_of_order.py says.
  void fault(const std::string& method, const std::string& kind, int times = 1);
  void put(std::int64_t id, int state);
  void hold(bool holds);
  /// The methods that were called since it was last asked.
  std::vector<std::string> calls();
  /// The fields of its instances, as a JSON list.
  std::string instances();

 private:
  std::string ask(const std::string& line);
  std::string readLine();

  TalkingChild child_;
  vmms::tashi::TashiConfig config_;
};

}  // namespace tango::test
