#include "config/python/tokens.hpp"

#include <array>
#include <cctype>

#include "config/python/string_literal.hpp"

namespace tango::config::python {
namespace {

bool isLetter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool isDigit(char c) {
  return c >= '0' && c <= '9';
}

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view text) : text_(text) {
    if (text_.starts_with("\xEF\xBB\xBF")) {
      text_.remove_prefix(3);
    }
  }

  std::vector<Line> lines() && {
    beginLine();
    while (at_ < text_.size()) {
      next();
    }
    endLine();
    return std::move(lines_);
  }

 private:
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void beginLine() {
    line_ = Line{};
    line_.number = number_;
    for (; peek() == ' ' || peek() == '\t' || peek() == '\f'; ++at_) {
      line_.indent = peek() == '\t' ? (line_.indent / 8 + 1) * 8 : line_.indent + 1;
    }
  }

  void endLine() {
    if (!line_.tokens.empty()) {
      lines_.push_back(std::move(line_));
    }
    line_ = Line{};
  }

  void add(TokenKind kind, std::string_view text) {
    line_.tokens.push_back({kind, std::string(text)});
  }

  void next() {
    const char c = peek();
    if (c == '\n') {
      newline();
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\f') {
      ++at_;
    } else if (c == '#') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (c == '\\' && (peek(1) == '\n' || (peek(1) == '\r' && peek(2) == '\n'))) {
      at_ += peek(1) == '\n' ? 2 : 3;
      ++number_;
    } else if (const std::size_t quote = quoteAt(); quote != std::string_view::npos) {
      string(quote);
    } else if (isLetter(c)) {
      word(TokenKind::kName);
    } else if (isDigit(c) || (c == '.' && isDigit(peek(1)))) {
      number();
    } else {
      op();
    }
  }

  void newline() {
    ++at_;
    ++number_;
    if (depth_ == 0) {
      endLine();
      beginLine();
    }
  }

  // Where the quote of a string literal is that begins here, behind a prefix of at most two
  // letters.
  [[nodiscard]] std::size_t quoteAt() const {
    for (std::size_t ahead = 0; ahead <= 2; ++ahead) {
      const char c = peek(ahead);
      if (c == '"' || c == '\'') {
        return at_ + ahead;
      }
      if (std::string_view("rRuUbBfF").find(c) == std::string_view::npos || c == '\0') {
        break;
      }
    }
    return std::string_view::npos;
  }

  void string(std::size_t quote) {
    const StringLiteral literal = readString(text_, at_, quote);
    number_ += literal.newlines;
    at_ = literal.end;
    if (literal.unreadable.empty()) {
      add(TokenKind::kString, literal.value);
    } else {
      add(TokenKind::kUnreadable, literal.unreadable);
    }
  }

  void word(TokenKind kind) {
    const std::size_t begin = at_;
    while (isLetter(peek()) || isDigit(peek())) {
      ++at_;
    }
    add(kind, text_.substr(begin, at_ - begin));
  }

  // As far as it could be a number; what it is worth is the reader's to say. A sign belongs to it
  // only in an exponent.
  void number() {
    const std::size_t begin = at_;
    const bool hex = peek() == '0' && (peek(1) == 'x' || peek(1) == 'X');
    while (isLetter(peek()) || isDigit(peek()) || peek() == '.') {
      const bool exponent = !hex && (peek() == 'e' || peek() == 'E');
      at_ += exponent && (peek(1) == '+' || peek(1) == '-') && isDigit(peek(2)) ? 2 : 1;
    }
    add(TokenKind::kNumber, text_.substr(begin, at_ - begin));
  }

  void op() {
    static constexpr std::array<std::string_view, 24> kLong = {
        "**=", "//=", ">>=", "<<=", "...", "**", "//", ">>", "<<", "<=", ">=", "==",
        "!=",  "->",  "+=",  "-=",  "*=",  "/=", "%=", "&=", "|=", "^=", "@=", ":="};
    const char c = peek();
    for (const std::string_view op : kLong) {
      if (text_.substr(at_).starts_with(op)) {
        add(TokenKind::kOperator, op);
        at_ += op.size();
        return;
      }
    }
    ++at_;
    if (std::string_view("+-*/%()[]{},:.=<>&|^~@;").find(c) == std::string_view::npos) {
      add(TokenKind::kUnreadable, "a character that Python does not have");
    } else if (c == ';' && depth_ == 0) {
      const std::size_t indent = line_.indent;
      endLine();
      line_.number = number_;
      line_.indent = indent;
    } else {
      add(TokenKind::kOperator, std::string_view(&c, 1));
      depth_ += c == '(' || c == '[' || c == '{' ? 1 : 0;
      depth_ -= (c == ')' || c == ']' || c == '}') && depth_ > 0 ? 1 : 0;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t number_ = 1;
  std::size_t depth_ = 0;  // of brackets
  Line line_;
  std::vector<Line> lines_;
};

}  // namespace

std::vector<Line> linesOf(std::string_view text) {
  return Tokenizer(text).lines();
}

}  // namespace tango::config::python
