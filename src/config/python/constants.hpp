// The constants of a Python class, read without Python: assignments of literals and of what can be
// reckoned from them. Nothing is executed, no module is looked for, no environment is read.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/python/value.hpp"

namespace tango::config::python {

struct Constant {
  std::string name;
  std::size_t line = 0;
  std::optional<Value> value;  ///< absent: it cannot be read
  std::string unreadable;      ///< then why, for a person; quotes nothing of the file
  /// Environment variables that the file would have looked at; their defaults were taken.
  std::vector<std::string> environment;
};

struct Constants {
  bool found = false;               ///< there is a class of that name
  std::vector<Constant> constants;  ///< by their first line; the last assignment counts
};

/// The assignments in the body of the class `class_name`, which may use names of the module and of
/// the class that were assigned before. One under an `if` or in a function cannot be read.
Constants constantsOf(std::string_view text, std::string_view class_name);

}  // namespace tango::config::python
