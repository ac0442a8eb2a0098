// Expressions of Python whose value is known without running anything.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/python/tokens.hpp"
#include "config/python/value.hpp"

namespace tango::config::python {

/// Names that have a value; absent: one that could not be read.
using Names = std::map<std::string, std::optional<Value>, std::less<>>;

struct Evaluation {
  std::optional<Value> value;
  std::string unreadable;                ///< why there is no value; quotes nothing
  std::vector<std::string> environment;  ///< see Constant
};

/// Literals, names, + - * / // % **, `or`, lists, tuples, dicts; os.getenv and os.environ.get;
/// int(), float(), str(); lower(), upper() and strip() of a string. All of `tokens` is one
/// expression.
Evaluation evaluate(std::span<const Token> tokens, const Names& names);

}  // namespace tango::config::python
