#include "vmms/tashi/words.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/utf8.hpp"

namespace tango::vmms::tashi {

std::string wordsOf(std::string_view said) {
  constexpr std::size_t kSaidBytesMax = 400;
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t last = said.find_last_not_of(kBlanks);
  said = last == std::string_view::npos ? std::string_view() : said.substr(0, last + 1);
  const std::size_t line = said.rfind('\n');
  if (line != std::string_view::npos) {
    said.remove_prefix(line + 1);
  }
  said.remove_prefix(std::min(said.find_first_not_of(kBlanks), said.size()));
  std::string words = base::replaceInvalidUtf8(said.substr(0, kSaidBytesMax));
  for (char& each : words) {
    each = base::isControl(each) ? ' ' : each;
  }
  return words;
}

}  // namespace tango::vmms::tashi
