// Which numbers an option takes.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace tango::app {

/// A number from `min` to `max`. (CLI::Range lets `nan` pass, which as a limit is none.)
inline CLI::Validator numberIn(double min, double max) {
  const std::string range = CLI::Range(min, max).get_description();
  const auto check = [min, max, range](std::string& text) -> std::string {
    double number = 0;
    const bool inside = CLI::detail::lexical_cast(text, number) && number >= min && number <= max;
    return inside ? "" : text + " is not " + range;
  };
  return {check, range};
}

}  // namespace tango::app
