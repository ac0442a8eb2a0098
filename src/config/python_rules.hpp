// What each constant of a Python Tango's config.py has become.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/python/value.hpp"

namespace tango::config {

/// Stands for the table of the VMMS that the Python Tango used.
inline constexpr std::string_view kOwnVmms = "vmms.*";

/// A constant whose value goes into a key of ours.
struct PythonRule {
  std::string_view constant;
  std::string_view table;
  std::string_view key;
  /// Its value as TOML; absent: it has no such form. "": it is None, and so was no setting.
  std::optional<std::string> (*toml)(const python::Value& value);
  std::string_view remark;  ///< what is to be said with it; "": nothing
};

/// Null: the constant goes nowhere.
[[nodiscard]] const PythonRule* pythonRule(std::string_view constant);

/// Why a constant has no equal here.
[[nodiscard]] std::string_view pythonReason(std::string_view constant);

}  // namespace tango::config
