#include "config/near_miss.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace tango::config {
namespace {

// A longer word is no typing error of ours, and need not be compared.
constexpr std::size_t kWordMax = 64;

std::string plain(std::string_view word) {
  std::string folded;
  for (const char c : word) {
    folded += c == '-' ? '_' : base::lower(c);
  }
  return folded;
}

// Damerau's distance: insertions, deletions, substitutions, and swaps of neighbours.
std::size_t distance(const std::string& one, const std::string& other) {
  std::vector<std::vector<std::size_t>> cost(one.size() + 1,
                                             std::vector<std::size_t>(other.size() + 1));
  for (std::size_t i = 0; i <= one.size(); ++i) {
    for (std::size_t j = 0; j <= other.size(); ++j) {
      if (i == 0 || j == 0) {
        cost[i][j] = i + j;
        continue;
      }
      const std::size_t differ = one[i - 1] == other[j - 1] ? 0 : 1;
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + differ});
      if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[one.size()][other.size()];
}

}  // namespace

std::string nearMiss(std::string_view word, const std::vector<std::string>& known) {
  if (word.size() > kWordMax) {
    return "";
  }
  const std::string typed = plain(word);
  std::string nearest;
  std::size_t least = 3;
  for (const std::string& candidate : known) {
    const std::size_t apart = distance(typed, plain(candidate));
    const std::size_t allowed = std::min(typed.size(), candidate.size()) <= 4 ? 1 : 2;
    if (apart <= allowed && apart < least) {
      nearest = candidate;
      least = apart;
    }
  }
  return nearest;
}

}  // namespace tango::config
