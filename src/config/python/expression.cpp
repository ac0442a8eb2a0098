#include "config/python/expression.hpp"

#include <algorithm>
#include <cctype>

namespace tango::config::python {
namespace {

using Maybe = std::optional<Value>;

// A constant has no longer expression.
constexpr std::size_t kTokensMax = 2'000;
// Brackets in brackets: more than any file of constants has.
constexpr std::size_t kDepthMax = 50;

// Recursive descent; the first thing that has no value ends it. Each function leaves `at_` behind
// what it has read.
class Evaluator {
 public:
  Evaluator(std::span<const Token> tokens, const Names& names) : tokens_(tokens), names_(names) {}

  Evaluation evaluate() && {
    Evaluation evaluation;
    evaluation.value = tokens_.size() > kTokensMax ? fail("a very long expression") : listOrOne();
    if (evaluation.value && at_ != tokens_.size()) {
      evaluation.value = fail("an expression that only Python can work out");
    }
    evaluation.unreadable = why_;
    evaluation.environment = std::move(environment_);
    return evaluation;
  }

 private:
  Maybe fail(const std::string& why) {
    if (why_.empty()) {
      why_ = why;
    }
    return std::nullopt;
  }

  [[nodiscard]] bool isOperator(std::string_view text) const {
    return at_ < tokens_.size() && tokens_[at_].kind == TokenKind::kOperator &&
           tokens_[at_].text == text;
  }
  [[nodiscard]] bool isWord(std::string_view text) const {
    return at_ < tokens_.size() && tokens_[at_].kind == TokenKind::kName &&
           tokens_[at_].text == text;
  }
  bool take(std::string_view op) {
    const bool there = isOperator(op);
    at_ += there ? 1 : 0;
    return there;
  }

  // A value that has grown too heavy is none.
  Maybe bounded(Maybe value) {
    return value && weightOf(*value) > kWeightMax ? fail("a very large value") : value;
  }

  // `1, 2` without parentheses is a tuple.
  Maybe listOrOne() {
    Maybe first = either();
    if (!first || !isOperator(",")) {
      return first;
    }
    List list{*std::move(first)};
    while (take(",") && at_ < tokens_.size()) {
      const Maybe next = either();
      if (!next) {
        return std::nullopt;
      }
      list.push_back(*next);
    }
    return bounded(Value{std::move(list)});
  }

  Maybe either() {
    Maybe value = sum();
    while (value && isWord("or")) {
      ++at_;
      const Maybe other = sum();
      if (!other) {
        return std::nullopt;
      }
      value = isTrue(*value) ? value : other;
    }
    return value;
  }

  Maybe sum() {
    Maybe value = product();
    while (value && (isOperator("+") || isOperator("-"))) {
      const std::string& op = tokens_[at_++].text;
      const Maybe other = product();
      value = binary(*value, op, other);
    }
    return value;
  }

  Maybe product() {
    Maybe value = signedOne();
    while (value && (isOperator("*") || isOperator("/") || isOperator("//") || isOperator("%"))) {
      const std::string& op = tokens_[at_++].text;
      const Maybe other = signedOne();
      value = binary(*value, op, other);
    }
    return value;
  }

  Maybe binary(const Value& one, const std::string& op, const Maybe& other) {
    if (!other) {
      return std::nullopt;
    }
    Maybe value = reckon(one, op, *other);
    return value ? value : fail("a sum that cannot be reckoned");
  }

  Maybe signedOne() {
    bool minus = false;
    while (isOperator("-") || isOperator("+")) {
      minus ^= tokens_[at_++].text == "-";
    }
    Maybe value = power();
    if (value && minus) {
      value = negated(*value);
      return value ? value : fail("a sign before what is no number");
    }
    return value;
  }

  // Binds tighter than a sign at its left, looser than one at its right.
  Maybe power() {
    Maybe value = withTrailers();
    if (value && take("**")) {
      return deeper([&] { return binary(*value, "**", signedOne()); });
    }
    return value;
  }

  template <class Read>
  Maybe deeper(Read read) {
    if (depth_ == kDepthMax) {
      return fail("brackets too deep");
    }
    ++depth_;
    Maybe value = read();
    --depth_;
    return value;
  }

  Maybe withTrailers() {
    Maybe value = primary();
    while (value && isOperator(".")) {
      ++at_;
      value = method(*value);
    }
    if (value && (isOperator("(") || isOperator("["))) {
      return fail("a call or an index");
    }
    return value;
  }

  Maybe method(const Value& on) {
    const auto* const text = on.as<std::string>();
    const std::string called = at_ < tokens_.size() ? tokens_[at_].text : "";
    if (text == nullptr || (called != "lower" && called != "upper" && called != "strip")) {
      return fail("a call of a function");
    }
    ++at_;
    if (!take("(") || !take(")")) {
      return fail("a call of a function");
    }
    std::string changed = *text;
    if (called == "strip") {
      constexpr const char* kBlanks = " \t\r\n\f\v";
      changed.erase(changed.find_last_not_of(kBlanks) + 1);
      changed.erase(0, changed.find_first_not_of(kBlanks));
    } else {  // ASCII alone: names of hosts and prefixes
      std::transform(changed.begin(), changed.end(), changed.begin(), [&called](unsigned char c) {
        return static_cast<char>(c >= 0x80           ? c
                                 : called == "lower" ? std::tolower(c)
                                                     : std::toupper(c));
      });
    }
    return Value{changed};
  }

  Maybe primary() {
    if (at_ == tokens_.size()) {
      return fail("an expression without an end");
    }
    const Token& token = tokens_[at_];
    switch (token.kind) {
      case TokenKind::kNumber: {
        ++at_;
        Maybe number = numberOf(token.text);
        return number ? number : fail("a number that does not fit 64 bits");
      }
      case TokenKind::kString:
        return strings();
      case TokenKind::kName:
        return word();
      case TokenKind::kOperator:
        return deeper([this] { return brackets(); });
      case TokenKind::kUnreadable:
        break;
    }
    return fail(token.text);
  }

  // Strings beside each other are one.
  Maybe strings() {
    std::string text;
    for (; at_ < tokens_.size() && tokens_[at_].kind == TokenKind::kString; ++at_) {
      text += tokens_[at_].text;
    }
    return bounded(Value{std::move(text)});
  }

  Maybe brackets() {
    if (take("(")) {
      Maybe items = itemsUntil(")");
      const auto* const list = items ? items->as<List>() : nullptr;
      const bool tuple =
          at_ >= 2 && tokens_[at_ - 2].text == "," && tokens_[at_ - 2].kind == TokenKind::kOperator;
      if (list != nullptr && list->size() == 1 && !tuple) {
        const Value only = list->front();
        return only;
      }
      return items;
    }
    if (take("[")) {
      return itemsUntil("]");
    }
    return take("{") ? dict() : fail("an expression that only Python can work out");
  }

  Maybe itemsUntil(std::string_view end) {
    List list;
    while (!take(end)) {
      const Maybe item = either();
      if (!item) {
        return std::nullopt;
      }
      list.push_back(*item);
      if (!take(",") && !isOperator(end)) {
        return fail("a list that only Python can work out");
      }
    }
    return bounded(Value{std::move(list)});
  }

  Maybe dict() {
    Dict dict;
    while (!take("}")) {
      const Maybe key = either();
      if (!key || !take(":")) {
        return fail("a dict that only Python can work out");
      }
      const Maybe value = either();
      if (!value) {
        return std::nullopt;
      }
      dict.items.push_back(*key);
      dict.items.push_back(*value);
      if (!take(",") && !isOperator("}")) {
        return fail("a dict that only Python can work out");
      }
    }
    return bounded(Value{std::move(dict)});
  }

  Maybe word() {
    std::string name = tokens_[at_++].text;
    while (isOperator(".") && at_ + 1 < tokens_.size() &&
           tokens_[at_ + 1].kind == TokenKind::kName && !names_.contains(name)) {
      name += "." + tokens_[at_ + 1].text;
      at_ += 2;
    }
    if (name == "None") {
      return Value{None{}};
    }
    if (name == "True" || name == "False") {
      return Value{name == "True"};
    }
    if (take("(")) {
      return deeper([&] { return call(name); });
    }
    const auto known = names_.find(name);
    if (known == names_.end()) {
      return fail("a name that has no value in this file");
    }
    return known->second ? known->second : fail("a name that cannot be read itself");
  }

  Maybe call(const std::string& name) {
    static constexpr std::string_view kEnvironment[] = {"os.getenv", "os.environ.get", "getenv",
                                                        "environ.get"};
    const bool environment =
        std::find(std::begin(kEnvironment), std::end(kEnvironment), name) != std::end(kEnvironment);
    if (!environment && name != "int" && name != "float" && name != "str") {
      return fail("a call of a function");
    }
    const Maybe items = itemsUntil(")");
    const auto* const arguments = items ? items->as<List>() : nullptr;
    if (arguments == nullptr || arguments->empty() || arguments->size() > 2) {
      return fail("a call of a function");
    }
    if (!environment) {
      return arguments->size() == 1 ? converted(name, arguments->front())
                                    : fail("a call of a function");
    }
    const auto* const variable = arguments->front().as<std::string>();
    if (variable == nullptr) {
      return fail("a call of a function");
    }
    environment_.push_back(*variable);
    return arguments->size() == 2 ? arguments->back() : Value{None{}};
  }

  Maybe converted(const std::string& to, const Value& value) {
    const auto* const text = value.as<std::string>();
    if (to == "str") {
      return text != nullptr ? Maybe(value) : fail("a call of str()");
    }
    const Maybe number = text != nullptr ? numberOf(*text) : Maybe(value);
    const auto* const whole = number ? number->as<std::int64_t>() : nullptr;
    const auto* const real = number ? number->as<double>() : nullptr;
    if (to == "int" && real != nullptr && text == nullptr && *real > -9e18 && *real < 9e18) {
      return Value{static_cast<std::int64_t>(*real)};
    }
    if (to == "float" && (whole != nullptr || real != nullptr)) {
      return Value{whole != nullptr ? static_cast<double>(*whole) : *real};
    }
    return to == "int" && whole != nullptr ? number : fail("a call of " + to + "()");
  }

  std::span<const Token> tokens_;
  const Names& names_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::string why_;
  std::vector<std::string> environment_;
};

}  // namespace

Evaluation evaluate(std::span<const Token> tokens, const Names& names) {
  return Evaluator(tokens, names).evaluate();
}

}  // namespace tango::config::python
