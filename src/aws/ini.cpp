#include "aws/ini.hpp"

#include <algorithm>
#include <utility>

#include "base/ascii.hpp"

namespace tango::aws {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kBlanks = " \t";
constexpr std::string_view kCommentMarks = "#;";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool isComment(std::string_view text) {
  return !text.empty() && kCommentMarks.find(text.front()) != std::string_view::npos;
}

std::string_view withoutComment(std::string_view value) {
  for (std::size_t at = 1; at < value.size(); ++at) {
    if (kCommentMarks.find(value[at]) != std::string_view::npos &&
        kBlanks.find(value[at - 1]) != std::string_view::npos) {
      return value.substr(0, at - 1);
    }
  }
  return value;
}

class Reader {
 public:
  explicit Reader(std::string name) : name_(std::move(name)) {}

  Result<void> take(std::string_view line);
  Ini ini;

 private:
  Error wrong(std::string_view what) const {
    return {ErrorKind::kInvalid,
            name_ + ", line " + std::to_string(line_) + ": " + std::string(what)};
  }
  Result<void> takeHeader(std::string_view text);
  Result<void> takeKey(std::string_view text);

  std::string name_;
  std::size_t line_ = 0;
  IniSection* section_ = nullptr;
  std::string* value_ = nullptr;  ///< what a line that is indented deeper goes on with
  std::size_t indent_ = 0;
};

Result<void> Reader::take(std::string_view line) {
  ++line_;
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  if (std::any_of(line.begin(), line.end(),
                  [](char each) { return base::isControl(each) && each != '\t'; })) {
    return wrong("a control character; it is to be a text in UTF-8");
  }
  const std::string_view text = trimmed(line);
  if (text.empty() || isComment(text)) {
    return {};
  }
  const std::size_t indent = line.find_first_not_of(kBlanks);
  if (value_ != nullptr && indent > indent_) {
    *value_ += '\n';
    *value_ += trimmed(withoutComment(text));
    return {};
  }
  indent_ = indent;
  return text.front() == '[' ? takeHeader(text) : takeKey(text);
}

Result<void> Reader::takeHeader(std::string_view text) {
  const std::size_t end = text.find(']');
  if (end == std::string_view::npos) {
    return wrong("a section without its closing bracket");
  }
  const std::string_view name = trimmed(text.substr(1, end - 1));
  const std::string_view rest = trimmed(text.substr(end + 1));
  if (name.empty() || (!rest.empty() && !isComment(rest))) {
    return wrong("a section is to be a name in brackets and nothing else");
  }
  const auto [at, added] = ini.try_emplace(std::string(name));
  if (!added) {
    return wrong("a section that comes twice");
  }
  section_ = &at->second;
  value_ = nullptr;
  return {};
}

Result<void> Reader::takeKey(std::string_view text) {
  const std::size_t end = text.find_first_of("=:");
  if (end == std::string_view::npos) {
    return wrong("neither a section nor `key = value`");
  }
  const std::string_view key = trimmed(text.substr(0, end));
  if (key.empty()) {
    return wrong("a value without its key");
  }
  if (section_ == nullptr) {
    return wrong("a key before the first section");
  }
  const auto [at, added] = section_->try_emplace(base::lowered(key));
  if (!added) {
    return wrong("a key that comes twice in its section");
  }
  at->second = trimmed(withoutComment(text.substr(end + 1)));
  value_ = &at->second;
  return {};
}

}  // namespace

Result<Ini> parseIni(std::string_view text, const std::string& name) {
  if (text.starts_with(kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());
  }
  Reader reader(name);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const Result<void> taken = reader.take(text.substr(0, end));
    if (!taken) {
      return taken.error();
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::move(reader.ini);
}

}  // namespace tango::aws
