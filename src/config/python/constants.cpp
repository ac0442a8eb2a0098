#include "config/python/constants.hpp"

#include <algorithm>
#include <span>

#include "config/python/expression.hpp"
#include "config/python/tokens.hpp"

namespace tango::config::python {
namespace {

// Enough for any configuration: so many constants, and so much in all values together. What a
// larger file has beyond is not read.
constexpr std::size_t kConstantsMax = 2'000;
constexpr std::size_t kFileWeightMax = 200'000;

bool is(const Token& token, TokenKind kind, std::string_view text) {
  return token.kind == kind && token.text == text;
}

// `NAME =`, `NAME: TYPE =`, `NAME +=`: the names, and where the expression begins.
struct Assignment {
  std::vector<std::string> targets;
  bool adds = false;
  std::size_t expression = 0;
};

// Behind `: TYPE` at `at`, if there is one; outside of brackets a type has no `=`.
std::size_t afterType(std::span<const Token> tokens, std::size_t at) {
  if (at >= tokens.size() || !is(tokens[at], TokenKind::kOperator, ":")) {
    return at;
  }
  while (at < tokens.size() && !is(tokens[at], TokenKind::kOperator, "=")) {
    ++at;
  }
  return at;
}

std::optional<Assignment> assignmentOf(std::span<const Token> tokens) {
  Assignment assignment;
  std::size_t at = 0;
  while (at + 1 < tokens.size() && tokens[at].kind == TokenKind::kName) {
    const std::size_t sign = afterType(tokens, at + 1);
    const bool adds = sign < tokens.size() && is(tokens[sign], TokenKind::kOperator, "+=");
    if (!adds && (sign >= tokens.size() || !is(tokens[sign], TokenKind::kOperator, "="))) {
      break;
    }
    assignment.targets.push_back(tokens[at].text);
    assignment.adds |= adds;
    at = sign + 1;
  }
  assignment.expression = at;
  return assignment.targets.empty() ? std::nullopt : std::optional(assignment);
}

class FileReader {
 public:
  explicit FileReader(std::string_view class_name) : class_name_(class_name) {}

  void read(const Line& line) {
    if (in_class_ && line.indent <= class_indent_) {
      in_class_ = false;
    }
    if (isClass(line)) {
      found_ = in_class_ = true;
      class_indent_ = line.indent;
      body_indent_.reset();
      return;
    }
    if (in_class_ && !body_indent_) {
      body_indent_ = line.indent;
    }
    const std::optional<Assignment> assignment = assignmentOf(line.tokens);
    if (assignment && (in_class_ || line.indent == 0)) {
      assign(line, *assignment);
    }
  }

  Constants constants() && { return {found_, std::move(constants_)}; }

 private:
  [[nodiscard]] bool isClass(const Line& line) const {
    return line.indent == 0 && line.tokens.size() >= 2 &&
           is(line.tokens[0], TokenKind::kName, "class") &&
           is(line.tokens[1], TokenKind::kName, class_name_);
  }

  void assign(const Line& line, const Assignment& assignment) {
    const std::span<const Token> expression = std::span(line.tokens).subspan(assignment.expression);
    Evaluation evaluation = evaluated(expression);
    if (in_class_ && line.indent != *body_indent_) {
      evaluation.value.reset();
      evaluation.unreadable = "set under a condition";
    }
    for (const std::string& target : assignment.targets) {
      Evaluation own = evaluation;
      if (assignment.adds) {
        add(own, target);
      }
      if (in_class_) {
        keep(line, target, own);
      }
      if (names_.size() < kConstantsMax || names_.contains(target)) {
        names_[target] = own.value;
      }
    }
  }

  Evaluation evaluated(std::span<const Token> expression) {
    Evaluation evaluation;
    if (weight_ > kFileWeightMax) {
      evaluation.unreadable = "the file has too much before it";
      return evaluation;
    }
    evaluation = evaluate(expression, names_);
    weight_ += evaluation.value ? weightOf(*evaluation.value) : 0;
    return evaluation;
  }

  void add(Evaluation& evaluation, const std::string& target) const {
    const auto known = names_.find(target);
    const bool both = evaluation.value && known != names_.end() && known->second;
    evaluation.value = both ? reckon(*known->second, "+", *evaluation.value) : std::nullopt;
    if (!evaluation.value && evaluation.unreadable.empty()) {
      evaluation.unreadable = "added to what cannot be read";
    }
  }

  void keep(const Line& line, const std::string& name, const Evaluation& evaluation) {
    const auto known =
        std::find_if(constants_.begin(), constants_.end(),
                     [&name](const Constant& constant) { return constant.name == name; });
    Constant constant{name, line.number, evaluation.value, evaluation.unreadable,
                      evaluation.environment};
    if (known != constants_.end()) {
      *known = std::move(constant);
    } else if (constants_.size() < kConstantsMax) {
      constants_.push_back(std::move(constant));
    }
  }

  std::string_view class_name_;
  bool found_ = false;
  bool in_class_ = false;
  std::size_t class_indent_ = 0;
  std::optional<std::size_t> body_indent_;  // of the class's own statements
  Names names_;
  std::size_t weight_ = 0;  // of all values so far
  std::vector<Constant> constants_;
};

}  // namespace

Constants constantsOf(std::string_view text, std::string_view class_name) {
  FileReader reader(class_name);
  for (const Line& line : linesOf(text)) {
    reader.read(line);
  }
  return std::move(reader).constants();
}

}  // namespace tango::config::python
