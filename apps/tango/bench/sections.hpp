// The report in words: tables that a terminal and a page show alike.
#pragma once

#include <string>
#include <vector>

#include "tango/bench/report.hpp"

namespace tango::bench {

struct Section {
  std::string title;
  std::vector<std::string> heads;  ///< the first column's is ""
  std::vector<std::vector<std::string>> rows;
};

[[nodiscard]] std::vector<Section> sectionsOf(const Report& report);
/// What was measured where, in one line.
[[nodiscard]] std::string headingOf(const Report& report);
/// Heading and sections, on stdout.
void printReport(const Report& report);

}  // namespace tango::bench
