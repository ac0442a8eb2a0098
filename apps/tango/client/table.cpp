#include "tango/client/table.hpp"

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "base/assert.hpp"
#include "tango/client/terminal_text.hpp"

namespace tango::client {
namespace {

constexpr std::size_t kGap = 2;

bool colours(std::FILE* stream) {
  const char* no_colour = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe): one thread
  const char* terminal = std::getenv("TERM");       // NOLINT(concurrency-mt-unsafe): one thread
  const bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  return isTerminal(stream) && !dumb && (no_colour == nullptr || *no_colour == '\0');
}

std::string painted(const std::string& text, Colour colour) {
  switch (colour) {
    case Colour::kNone:
      return text;
    case Colour::kGreen:
      return "\x1b[32m" + text + "\x1b[0m";
    case Colour::kYellow:
      return "\x1b[33m" + text + "\x1b[0m";
    case Colour::kRed:
      return "\x1b[31m" + text + "\x1b[0m";
  }
  return text;
}

std::string padded(const Cell& cell, std::size_t width, Align align, bool in_colour) {
  const std::string text = onOneLine(cell.text);
  const std::string blanks(width - std::min(width, columnsOf(text)), ' ');
  const std::string shown = in_colour ? painted(text, cell.colour) : text;
  return align == Align::kRight ? blanks + shown : shown + blanks;
}

void printLine(std::FILE* stream, std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  std::fprintf(stream, "%s\n", line.c_str());
}

}  // namespace

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

void Table::add(std::vector<Cell> cells) {
  TANGO_ASSERT(cells.size() == columns_.size(), "a row has a cell for each column");
  rows_.push_back(std::move(cells));
}

void Table::print(std::FILE* stream) const {
  const bool in_colour = colours(stream);
  std::vector<std::vector<Cell>> lines(1);
  for (const Column& column : columns_) {
    lines.front().emplace_back(column.head);
  }
  lines.insert(lines.end(), rows_.begin(), rows_.end());
  std::vector<std::size_t> widths(columns_.size());
  for (const auto& line : lines) {
    for (std::size_t at = 0; at < line.size(); ++at) {
      widths[at] = std::max(widths[at], columnsOf(onOneLine(line[at].text)));
    }
  }
  for (const auto& line : lines) {
    std::string text;
    for (std::size_t at = 0; at < line.size(); ++at) {
      text += (at == 0 ? "" : std::string(kGap, ' ')) +
              padded(line[at], widths[at], columns_[at].align, in_colour);
    }
    printLine(stream, std::move(text));
  }
}

void printFields(std::FILE* stream, const std::vector<std::pair<std::string, Cell>>& fields) {
  const bool in_colour = colours(stream);
  std::size_t width = 0;
  for (const auto& [name, cell] : fields) {
    width = cell.text.empty() ? width : std::max(width, columnsOf(name));
  }
  for (const auto& [name, cell] : fields) {
    if (!cell.text.empty()) {
      printLine(stream, padded(name, width + kGap, Align::kLeft, false) +
                            padded(cell, 0, Align::kLeft, in_colour));
    }
  }
}

}  // namespace tango::client
