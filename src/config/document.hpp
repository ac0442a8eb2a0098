// A TOML text as a tree of values with the lines that they stand on. The one place that knows the
// TOML library.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace tango::config {

struct Node;
struct Entry;
using Array = std::vector<Node>;
/// In the order of the lines.
using Table = std::vector<Entry>;
/// A date or a time: TOML has them, no key of ours does.
struct Date {};

struct Node {
  std::size_t line = 0;
  std::variant<Date, bool, std::int64_t, double, std::string, Array, Table> value;

  /// Null: it is something else.
  template <class T>
  [[nodiscard]] const T* as() const {
    return std::get_if<T>(&value);
  }
};

struct Entry {
  std::string key;
  std::size_t line = 0;
  Node value;
};

/// "a string", "a table" and so on: what a node is, for an error.
[[nodiscard]] std::string_view kindOf(const Node& node);

/// The document's table. kInvalid: `NAME, line N: ...`. What the document quotes is not repeated in
/// it, because it may be a key.
base::Result<Table> parseToml(std::string_view text, const std::string& name);

/// `NAME, line N: what`.
[[nodiscard]] std::string atLine(const std::string& name, std::size_t line,
                                 const std::string& what);

}  // namespace tango::config
