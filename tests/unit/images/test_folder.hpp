// A folder for one test, and the content of files in it.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "support/temp_folder.hpp"

namespace tango::images {

/// With paths in it as text, `folder / "name"`, which is what is mostly wanted here.
class TestFolder : public test::TempFolder {
 public:
  [[nodiscard]] std::string operator/(const std::string& name) const { return path() / name; }
};

inline std::string contentOf(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void writeContent(const std::filesystem::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

}  // namespace tango::images
