// The command line of autodriver. Parsed with the rights of root from what an ordinary user wrote,
// so it is kept dull: numbers are decimal and checked, a folder is one name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "model/limits.hpp"

namespace tango::autodriver {

using base::Result;

/// 0: not limited, for every number.
struct Options {
  enum class Action { kRun, kStandBy, kAttach, kHelp, kVersion };
  Action action = Action::kRun;

  std::uint64_t processes = 0;
  std::uint64_t file_size_bytes = 0;
  std::uint64_t wall_time_ms = 0;
  std::uint64_t output_bytes = 0;
  std::uint64_t memory_bytes = 0;
  std::uint64_t cpu_time_ms = 0;
  std::uint64_t disk_bytes = 0;
  std::uint64_t disk_inodes = 0;
  std::uint64_t io_bytes_per_second = 0;
  std::uint64_t open_files = 0;
  std::uint64_t cpu_millis = 0;  ///< kAttach: thousandths of a core
  std::optional<int> report_fd;
  std::string directory;       ///< kRun
  std::string socket;          ///< kAttach
  bool network = false;        ///< kAttach: the job has the machine's
  std::uint64_t lease_ms = 0;  ///< kStandBy, kAttach
  std::uint64_t user_id = 0;   ///< the same: of the user that is added if there is none; 0: none is
};

/// The error's message names the option that is wrong.
Result<Options> parseOptions(int argc, char** argv);

/// Those of the options that a run is watched for; a time of 0 is no limit.
[[nodiscard]] model::RunLimits runLimits(const Options& options);

/// What --help prints.
[[nodiscard]] const char* helpText();

}  // namespace tango::autodriver
