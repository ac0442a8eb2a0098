#include "vmms/remote/known_hosts.hpp"

#include <fstream>
#include <iterator>
#include <sstream>

namespace tango::vmms::remote {
namespace {

struct Key {
  std::string type;
  std::string blob;
};

Key parted(const std::string& key) {
  Key parts;
  std::istringstream(key) >> parts.type >> parts.blob;
  return parts;
}

}  // namespace

std::vector<std::string> keysIn(std::string_view known_hosts) {
  std::vector<std::string> keys;
  std::istringstream lines{std::string(known_hosts)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    Key key;
    words >> name >> key.type >> key.blob;
    // A line that begins with '@' says something else of a key than that a host has it.
    if (words && name.front() != '#' && name.front() != '@') {
      keys.push_back(key.type + " " + key.blob);
    }
  }
  return keys;
}

std::vector<std::string> keysOfFile(const std::filesystem::path& known_hosts) {
  std::ifstream file(known_hosts, std::ios::binary);
  return keysIn(std::string(std::istreambuf_iterator<char>(file), {}));
}

Witness witness(const std::vector<std::string>& met, const std::vector<std::string>& shown) {
  Witness found = Witness::kSilent;
  for (const std::string& key : met) {
    const Key ours = parted(key);
    for (const std::string& other : shown) {
      const Key theirs = parted(other);
      if (theirs.type == ours.type) {
        if (theirs.blob == ours.blob) {
          return Witness::kConfirms;
        }
        found = Witness::kContradicts;
      }
    }
  }
  return found;
}

}  // namespace tango::vmms::remote
