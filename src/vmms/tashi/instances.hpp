// Tashi's instances, and what can be asked of its cluster manager about them, as pickles:
// tashi/rpycservices/rpyctypes.py and clustermanager/clustermanagerservice.py.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "vmms/tashi/pickle_value.hpp"

namespace tango::vmms::tashi {

/// Words that a client gives an instance, and that Tashi keeps.
using Hints = std::map<std::string, std::string>;

/// What is read of an instance.
struct TashiInstance {
  std::int64_t id = 0;
  std::int64_t state = 0;  ///< see instance_state.hpp
  std::string name;
  std::string ip;  ///< of its first network card; "": it has none yet
  Hints hints;     ///< those that are texts
};

/// What is asked for.
struct WantedInstance {
  std::string name;
  std::uint64_t cores = 1;
  std::uint64_t memory_mib = 0;
  std::string disk_uri;  ///< written to a copy that is thrown away
  std::string mac;
  std::int64_t network = 0;
  std::int64_t user_id = 0;
  Hints hints;
};

// tashi.rpycservices.rpyctypes.Errors
inline constexpr std::int64_t kNoSuchInstance = 2;
inline constexpr std::int64_t kInvalidInstance = 11;

/// Tashi's "no".
struct Refusal {
  std::int64_t number = 0;  ///< one of Tashi's Errors; 0: it has none
  std::string words;        ///< in one line
};

/// The exception that an answer is; nothing: it is none.
[[nodiscard]] std::optional<Refusal> refusalIn(const Pickle& answer);

/// kSystem, naming the part: it is not what Tashi gives.
base::Result<TashiInstance> instanceOf(const PickleValue& value);
base::Result<std::vector<TashiInstance>> instancesOf(const Pickle& answer);

// The pickles of a call's arguments.
[[nodiscard]] std::string getInstancesArguments();
[[nodiscard]] std::string createVmArguments(const WantedInstance& wanted);
[[nodiscard]] std::string destroyVmArguments(std::int64_t id);

}  // namespace tango::vmms::tashi
