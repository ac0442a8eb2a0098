#include "config/document.hpp"

#include <algorithm>
#include <tuple>

#include <toml++/toml.h>

namespace tango::config {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

Node nodeOf(const toml::node& from);

Table tableOf(const toml::table& from) {
  Table table;
  for (const auto& [key, value] : from) {
    table.push_back({std::string(key.str()), key.source().begin.line, nodeOf(value)});
  }
  std::sort(table.begin(), table.end(), [](const Entry& one, const Entry& other) {
    return std::tie(one.line, one.key) < std::tie(other.line, other.key);
  });
  return table;
}

Array arrayOf(const toml::array& from) {
  Array array;
  for (const toml::node& item : from) {
    array.push_back(nodeOf(item));
  }
  return array;
}

// As deep as the library lets a document nest (256).
Node nodeOf(const toml::node& from) {
  Node node;
  node.line = from.source().begin.line;
  if (const auto* const table = from.as_table()) {
    node.value = tableOf(*table);
  } else if (const auto* const array = from.as_array()) {
    node.value = arrayOf(*array);
  } else if (const auto* const text = from.as_string()) {
    node.value = text->get();
  } else if (const auto* const whole = from.as_integer()) {
    node.value = whole->get();
  } else if (const auto* const real = from.as_floating_point()) {
    node.value = real->get();
  } else if (const auto* const flag = from.as_boolean()) {
    node.value = flag->get();
  }
  return node;
}

// The library quotes what it could not read, in single quotes; and the name of a key that comes
// twice, which is no secret.
std::string withoutQuotes(std::string_view description) {
  if (description.find("cannot redefine") != std::string_view::npos) {
    return std::string(description);
  }
  constexpr std::size_t kCharacterMax = 4;  // one UTF-8 character tells nothing
  std::string text;
  for (std::size_t at = 0; at < description.size();) {
    const std::size_t end =
        description[at] == '\'' ? description.find('\'', at + 1) : std::string_view::npos;
    if (end == std::string_view::npos) {
      text += description[at++];
      continue;
    }
    const bool secret = end - at - 1 > kCharacterMax;
    text += secret ? std::string_view("'...'") : description.substr(at, end - at + 1);
    at = end + 1;
  }
  return text;
}

}  // namespace

std::string_view kindOf(const Node& node) {
  static constexpr std::string_view kNames[] = {
      "a date", "true or false", "a whole number", "a number", "a string", "a list", "a table"};
  return kNames[node.value.index()];
}

std::string atLine(const std::string& name, std::size_t line, const std::string& what) {
  return name + ", line " + std::to_string(line) + ": " + what;
}

Result<Table> parseToml(std::string_view text, const std::string& name) {
  try {
    return tableOf(toml::parse(text));
  } catch (const toml::parse_error& error) {
    return Error(ErrorKind::kInvalid,
                 atLine(name, error.source().begin.line, withoutQuotes(error.description())));
  }
}

}  // namespace tango::config
