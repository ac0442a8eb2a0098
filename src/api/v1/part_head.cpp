#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "api/v1/multipart.hpp"
#include "base/ascii.hpp"
#include "base/utf8.hpp"

namespace tango::api::v1 {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

// RFC 2046, 5.1.1: what a boundary is made of, and how long it may be.
constexpr std::string_view kBoundaryMarks = "'()+_,-./:=? ";
constexpr std::size_t kBoundaryBytesMax = 70;
// RFC 9110, 5.6.2.
constexpr std::string_view kTokenMarks = "!#$%&'*+-.^_`|~";

Error invalid(std::string_view what) {
  return {ErrorKind::kInvalid, "the head of a part of the form: " + std::string(what)};
}

bool isLetterOrDigit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool isTokenCharacter(char c) {
  return isLetterOrDigit(c) || kTokenMarks.find(c) != std::string_view::npos;
}

bool isToken(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, isTokenCharacter);
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  const std::size_t end = text.find_last_not_of(" \t");
  return end == std::string_view::npos ? "" : text.substr(begin, end + 1 - begin);
}

/// A header's value: a first word, and parameters behind semicolons.
class HeaderValue {
 public:
  explicit HeaderValue(std::string_view text) : text_(text) {}

  std::string_view firstWord() {
    const std::size_t end = std::min(text_.find(';'), text_.size());
    const std::string_view word = trimmed(text_.substr(0, end));
    text_.remove_prefix(end);
    return word;
  }

  struct Parameter {
    std::string name;
    std::string value;
  };
  /// Nothing: there are no more. Its name in lower case, its value as it stands between quotes.
  Result<std::optional<Parameter>> next() {
    text_ = trimmed(text_);
    if (text_.empty()) {
      return std::optional<Parameter>();
    }
    if (text_.front() != ';') {
      return invalid("something stands where a ';' should");
    }
    text_ = trimmed(text_.substr(1));
    const std::size_t equals = text_.find('=');
    if (equals == std::string_view::npos || !isToken(text_.substr(0, equals))) {
      return invalid("a parameter has no name or no value");
    }
    Parameter parameter{base::lowered(text_.substr(0, equals)), ""};
    text_.remove_prefix(equals + 1);
    if (text_.starts_with('"')) {
      if (!takeQuoted(parameter.value)) {
        return invalid("a quoted value does not end");
      }
      return std::optional(std::move(parameter));
    }
    const auto end = std::ranges::find_if_not(text_, isTokenCharacter);
    parameter.value.assign(text_.begin(), end);
    text_.remove_prefix(parameter.value.size());
    if (parameter.value.empty()) {
      return invalid("a parameter has no value");
    }
    return std::optional(std::move(parameter));
  }

 private:
  // Only a quote and a backslash are ever escaped by one: other backslashes stand for themselves,
  // as browsers send them.
  bool takeQuoted(std::string& value) {
    for (std::size_t at = 1; at < text_.size(); ++at) {
      if (text_[at] == '"') {
        text_.remove_prefix(at + 1);
        return true;
      }
      const bool escapes = text_[at] == '\\' && at + 1 < text_.size() &&
                           (text_[at + 1] == '"' || text_[at + 1] == '\\');
      at += escapes ? 1 : 0;
      value.push_back(text_[at]);
    }
    return false;
  }

  std::string_view text_;
};

/// What the HTML standard has form-data's names written with: %22, %0D and %0A, and no other.
std::string unescaped(std::string_view text) {
  static constexpr std::array kEscapes = {std::pair{std::string_view("%22"), '"'},
                                          std::pair{std::string_view("%0D"), '\r'},
                                          std::pair{std::string_view("%0A"), '\n'}};
  std::string plain;
  for (std::size_t at = 0; at < text.size();) {
    const auto* const found = std::ranges::find_if(
        kEscapes, [&](const auto& escape) { return text.substr(at, 3) == escape.first; });
    plain.push_back(found == kEscapes.end() ? text[at] : found->second);
    at += found == kEscapes.end() ? 1 : 3;
  }
  return plain;
}

Result<PartHead> parseDisposition(std::string_view text) {
  HeaderValue value(text);
  if (base::lowered(value.firstWord()) != "form-data") {
    return invalid("Content-Disposition is not form-data");
  }
  std::optional<std::string> name;
  std::optional<std::string> filename;
  for (;;) {
    Result<std::optional<HeaderValue::Parameter>> parameter = value.next();
    if (!parameter) {
      return parameter.error();
    }
    if (!parameter.value()) {
      break;
    }
    const HeaderValue::Parameter& found = *parameter.value();
    if (found.name != "name" && found.name != "filename") {
      return invalid("Content-Disposition has the parameter " + found.name +
                     ", and only name and filename are known");
    }
    std::optional<std::string>& target = found.name == "name" ? name : filename;
    if (target) {
      return invalid(found.name + " comes twice");
    }
    target = unescaped(found.value);
    if (base::replaceInvalidUtf8(*target) != *target) {
      return invalid(found.name + " is not UTF-8");
    }
  }
  if (!name) {
    return invalid("Content-Disposition has no name");
  }
  return PartHead{*std::move(name), std::move(filename)};
}

bool isPlainEncoding(std::string_view text) {
  const std::string encoding = base::lowered(text);
  return encoding == "binary" || encoding == "8bit" || encoding == "7bit";
}

}  // namespace

Result<PartHead> parsePartHead(std::string_view lines) {
  std::optional<PartHead> head;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find("\r\n"), lines.size());
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 2, lines.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !isToken(line.substr(0, colon)) ||
        line.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) {
      return invalid("a line of it is no header");
    }
    const std::string name = base::lowered(line.substr(0, colon));
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (name == "content-transfer-encoding" && !isPlainEncoding(value)) {
      return invalid("a Content-Transfer-Encoding is not taken");
    }
    if (name != "content-disposition") {
      continue;
    }
    if (head) {
      return invalid("Content-Disposition comes twice");
    }
    Result<PartHead> parsed = parseDisposition(value);
    if (!parsed) {
      return parsed;
    }
    head = *std::move(parsed);
  }
  if (!head) {
    return invalid("it has no Content-Disposition");
  }
  return *std::move(head);
}

std::string mediaType(std::string_view content_type) {
  return base::lowered(HeaderValue(content_type).firstWord());
}

Result<std::string> boundaryOf(std::string_view content_type) {
  HeaderValue value(content_type);
  static_cast<void>(value.firstWord());
  std::optional<std::string> boundary;
  for (;;) {
    Result<std::optional<HeaderValue::Parameter>> parameter = value.next();
    if (!parameter) {
      return Error(ErrorKind::kInvalid, "Content-Type has a malformed parameter");
    }
    if (!parameter.value()) {
      break;
    }
    if (parameter.value()->name == "boundary") {
      if (boundary) {
        return Error(ErrorKind::kInvalid, "Content-Type has two boundaries");
      }
      boundary = parameter.value()->value;
    }
  }
  const auto allowed = [](char c) {
    return isLetterOrDigit(c) || kBoundaryMarks.find(c) != std::string_view::npos;
  };
  if (!boundary || boundary->empty() || boundary->size() > kBoundaryBytesMax ||
      boundary->back() == ' ' || !std::ranges::all_of(*boundary, allowed)) {
    return Error(ErrorKind::kInvalid, "Content-Type has no boundary, or none that is allowed");
  }
  return *std::move(boundary);
}

}  // namespace tango::api::v1
