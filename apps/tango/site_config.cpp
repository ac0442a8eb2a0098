#include "tango/site_config.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <sstream>
#include <system_error>

#include <toml++/toml.h>

namespace tango::app {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using model::LimitCaps;
using std::chrono::milliseconds;

using Set = std::function<bool(LimitCaps& caps, const toml::node& value)>;

// A whole number of at least 0.
Set number(std::optional<std::uint64_t> LimitCaps::* cap) {
  return [cap](LimitCaps& caps, const toml::node& value) {
    const auto whole = value.value_exact<std::int64_t>();
    caps.*cap = static_cast<std::uint64_t>(whole.value_or(0));
    return whole && *whole >= 0;
  };
}

Set seconds(std::optional<milliseconds> LimitCaps::* cap) {
  return [cap](LimitCaps& caps, const toml::node& value) {
    constexpr double kSecondsMax = 1e9;
    const double length = value.is_number() ? value.value<double>().value_or(-1) : -1;
    caps.*cap = milliseconds(static_cast<std::int64_t>(length * 1000));
    return length >= 0 && length <= kSecondsMax;
  };
}

bool setCpus(LimitCaps& caps, const toml::node& value) {
  constexpr double kCoresMax = 4096;
  const double cores = value.is_number() ? value.value<double>().value_or(-1) : -1;
  caps.cpu_millis = static_cast<std::uint64_t>(cores < 0 ? 0 : cores * 1000);
  return cores > 0 && cores <= kCoresMax;
}

bool setNetwork(LimitCaps& caps, const toml::node& value) {
  caps.network = value.value_exact<bool>().value_or(false);
  return value.is_boolean();
}

const std::map<std::string, Set, std::less<>>& keys() {
  static const std::map<std::string, Set, std::less<>> table = {
      {"timeout", seconds(&LimitCaps::wall_time)},
      {"cpu_time", seconds(&LimitCaps::cpu_time)},
      {"cpus", setCpus},
      {"memory", number(&LimitCaps::memory_bytes)},
      {"disk", number(&LimitCaps::disk_bytes)},
      {"inodes", number(&LimitCaps::disk_inodes)},
      {"file_size", number(&LimitCaps::file_size_bytes)},
      {"output_size", number(&LimitCaps::output_bytes)},
      {"processes", number(&LimitCaps::processes)},
      {"open_files", number(&LimitCaps::open_files)},
      {"network", setNetwork}};
  return table;
}

Error wrong(const std::string& file, const toml::source_region& where, const std::string& what) {
  return {ErrorKind::kInvalid, file + ", line " + std::to_string(where.begin.line) + ": " + what};
}

Result<LimitCaps> readCaps(const std::string& file, const toml::table& config) {
  LimitCaps caps;
  const toml::node_view max = config["limits"]["max"];
  if (!max) {
    return caps;
  }
  const toml::table* const table = max.as_table();
  if (table == nullptr) {
    return wrong(file, max.node()->source(), "limits.max is not a table");
  }
  for (const auto& [key, value] : *table) {
    const auto known = keys().find(key.str());
    if (known == keys().end()) {
      return wrong(file, key.source(), "unknown key limits.max." + std::string(key.str()));
    }
    if (!known->second(caps, value)) {
      return wrong(file, value.source(),
                   "limits.max." + std::string(key.str()) + " has no such value");
    }
  }
  return caps;
}

}  // namespace

Result<LimitCaps> siteCaps(const std::string& path) {
  const std::string file = path.empty() ? kSiteConfig : path;
  std::error_code failure;
  if (path.empty() && !std::filesystem::exists(file, failure)) {
    return LimitCaps{};
  }
  try {
    return readCaps(file, toml::parse_file(file));
  } catch (const toml::parse_error& error) {
    return wrong(file, error.source(), std::string(error.description()));
  }
}

}  // namespace tango::app
