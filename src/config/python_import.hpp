// Turns the configuration of a Python Tango (its config.py) into one of ours.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tango::config {

struct PythonImport {
  /// A TOML file that parseConfig takes: what was taken over, and a comment for each constant that
  /// was not. It holds the clients' keys.
  std::string toml;
  std::size_t taken = 0;
  std::size_t left = 0;        ///< that have no equal, or need none
  std::size_t unreadable = 0;  ///< that would have an equal, but only Python knows their value
};

/// Reads `text` without running it. `name` stands for the file in errors. kInvalid: there is no
/// `class Config` in it.
base::Result<PythonImport> importPython(std::string_view text, const std::string& name);

}  // namespace tango::config
