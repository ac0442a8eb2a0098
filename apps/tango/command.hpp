// What the verbs of the command line have in common. A verb adds itself to CLI11's parser and, when
// it was given, leaves what is to be done; main does that once the whole line has been understood.
#pragma once

#include <functional>
#include <string>

namespace tango::app {

inline constexpr int kOk = 0;
inline constexpr int kFailed = 1;     ///< it was tried; one sentence on stderr says what went wrong
inline constexpr int kBadUsage = 64;  ///< the command line itself is wrong (EX_USAGE)

struct Command {
  /// `--data-dir`; empty: images::defaultDataFolder.
  std::string data_folder;
  /// Set by the verb that was given; returns the exit status.
  std::function<int()> run;
};

}  // namespace tango::app
