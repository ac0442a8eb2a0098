// A file that appears complete or not at all: it is written under another name in the same folder
// and renamed into place.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace tango::files {

class OutputFile {
 public:
  /// What the name of an unpublished file begins with: what a crash left can be found and removed.
  static constexpr std::string_view kTemporaryPrefix = ".tango-";

  /// Begins the file `name` (one component) in the folder `folder_fd` (borrowed for the life of
  /// the object). An older file of that name stays as it is until `publish`.
  static base::Result<OutputFile> create(int folder_fd, const std::string& name);

  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  /// What was not published is removed.
  ~OutputFile();

  [[nodiscard]] int fd() const { return file_.get(); }
  /// Makes it durable (fsync of the file and its folder) and visible under its name.
  base::Result<void> publish();

 private:
  OutputFile(int folder_fd, std::string name, std::string temporary, base::UniqueFd file);

  int folder_fd_;
  std::string name_;
  std::string temporary_;  ///< "" once published
  base::UniqueFd file_;
};

}  // namespace tango::files
