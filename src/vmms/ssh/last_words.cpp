#include "vmms/ssh/last_words.hpp"

#include "base/ascii.hpp"
#include "base/utf8.hpp"

namespace tango::vmms::ssh {

void LastWords::append(std::string_view bytes) {
  kept_.append(bytes);
  if (kept_.size() > kBytesMax) {
    kept_.erase(0, kept_.size() - kBytesMax);
  }
}

std::string LastWords::text() const {
  std::string line;
  for (const char each : base::replaceInvalidUtf8(kept_)) {
    const bool blank = each == ' ' || base::isControl(each);
    if (!blank) {
      line.push_back(each);
    } else if (!line.empty() && line.back() != ' ') {
      line.push_back(' ');
    }
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace tango::vmms::ssh
