// Tables for people: columns aligned, whatever others wrote shown on one line.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

namespace tango::client {

enum class Colour { kNone, kGreen, kYellow, kRed };

struct Cell {
  Cell(std::string words, Colour paint = Colour::kNone)  // NOLINT: implicit
      : text(std::move(words)), colour(paint) {}
  Cell(const char* words) : text(words) {}  // NOLINT: implicit

  std::string text;
  Colour colour;
};

enum class Align { kLeft, kRight };

struct Column {
  std::string head;
  Align align = Align::kLeft;
};

class Table {
 public:
  explicit Table(std::vector<Column> columns);

  /// `cells` are as many as there are columns.
  void add(std::vector<Cell> cells);
  /// The heads and the rows, two blanks between columns; in colour on a terminal, unless NO_COLOR
  /// is set.
  void print(std::FILE* stream) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

/// Lines of `NAME  text`, the texts one under the other; those with an empty text are left out.
void printFields(std::FILE* stream, const std::vector<std::pair<std::string, Cell>>& fields);

}  // namespace tango::client
