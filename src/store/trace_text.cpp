#include "store/trace_text.hpp"

#include <utility>

namespace tango::store {

std::string traceText(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    for (const char c : line) {
      if (c == '\\') {
        text += "\\\\";
      } else if (c == '\n') {
        text += "\\n";
      } else {
        text += c;
      }
    }
    text += '\n';
  }
  return text;
}

std::vector<std::string> traceLines(std::string_view text) {
  std::vector<std::string> lines;
  std::string line;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') {
      lines.push_back(std::exchange(line, {}));
    } else if (text[i] == '\\' && i + 1 < text.size()) {
      ++i;
      line += text[i] == 'n' ? '\n' : text[i];
    } else {
      line += text[i];
    }
  }
  return lines;
}

std::string filledIn(std::string_view line, Placeholders values) {
  constexpr std::string_view kId = "%ID%";
  constexpr std::string_view kName = "%NAME%";
  std::string text;
  while (!line.empty()) {
    if (line.starts_with(kId)) {
      text += values.id;
      line.remove_prefix(kId.size());
    } else if (values.name && line.starts_with(kName)) {
      text += *values.name;
      line.remove_prefix(kName.size());
    } else {
      text += line.front();
      line.remove_prefix(1);
    }
  }
  return text;
}

}  // namespace tango::store
