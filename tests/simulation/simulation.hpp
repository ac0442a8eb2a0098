// One seed's run of the whole service: clients, faults of every kind, kills and restarts, as the
// seed has them; then all faults end, and everything that was accepted has to come to its end.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "support/sim_service.hpp"

namespace tango::test {

class Simulation {
 public:
  explicit Simulation(std::uint64_t seed);
  /// Fails the current doctest case where a promise is broken.
  void run();

 private:
  [[nodiscard]] std::uint64_t pick(std::uint64_t below) { return random_() % below; }
  [[nodiscard]] bool chance(std::uint64_t percent) { return pick(100) < percent; }
  [[nodiscard]] model::Submission someJob();
  [[nodiscard]] std::optional<std::int64_t> someJobId();
  [[nodiscard]] SimAnswer answerTo(const SimCall& call);
  [[nodiscard]] SimAnswer fault(const SimCall& call);
  [[nodiscard]] model::RunOutcome someOutcome();

  void start();
  void restart(bool killed);
  void act();
  void loseVm();
  void changePools();
  void heal();
  void finish();
  void checkOrder();
  void checkEnds();
  void checkOutputs();

  std::mt19937_64 random_;
  bool faulty_ = false;      ///< this seed has faults
  bool faults_now_ = false;  ///< and they happen now
  SimDisk disk_;
  std::size_t claims_seen_ = 0;
  std::size_t told_ = 0;
  std::map<std::int64_t, int> told_of_;
  std::map<std::int64_t, std::string> outputs_;  ///< as they were when their job had ended
  std::unique_ptr<SimService> service_;
};

}  // namespace tango::test
