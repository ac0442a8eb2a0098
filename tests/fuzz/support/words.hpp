// A fuzz target's bytes as a command line: words with a NUL behind each but the last, of which the
// first is the program's name. No bytes, no word at all: execve(2) allows that.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tango::fuzz {

class Words {
 public:
  explicit Words(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::string_view word = bytes.substr(0, bytes.find('\0'));
      // Memory of its own, exactly as long, so that AddressSanitizer sees a read beyond its end.
      std::vector<char>& kept = words_.emplace_back();
      kept.reserve(word.size() + 1);
      kept.assign(word.begin(), word.end());
      kept.push_back('\0');
      bytes.remove_prefix(std::min(bytes.size(), word.size() + 1));
    }
    for (std::vector<char>& word : words_) {
      arguments_.push_back(word.data());
    }
    arguments_.push_back(nullptr);
  }

  [[nodiscard]] int count() const { return static_cast<int>(words_.size()); }
  [[nodiscard]] char** arguments() { return arguments_.data(); }

 private:
  std::vector<std::vector<char>> words_;
  std::vector<char*> arguments_;
};

}  // namespace tango::fuzz
