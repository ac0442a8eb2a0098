#include "tango/bench/temporary_folder.hpp"

#include <cerrno>
#include <cstdlib>

#include "base/folder.hpp"
#include "base/safe_path.hpp"
#include "tango/client/terminal_text.hpp"

namespace tango::bench {

base::Result<TemporaryFolder> TemporaryFolder::make() {
  const char* wanted = std::getenv("TMPDIR");  // NOLINT(concurrency-mt-unsafe): one thread yet
  const std::filesystem::path parent =
      std::filesystem::absolute(wanted == nullptr || *wanted == '\0' ? "/var/tmp" : wanted);
  base::Result<base::UniqueFd> opened = base::openDirectory(parent.c_str());
  if (!opened) {
    return opened.error();
  }
  std::string pattern = parent / "tango-bench-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) {
    return base::systemError(errno, "make a temporary folder in " + parent.string());
  }
  return TemporaryFolder(*std::move(opened), pattern);
}

TemporaryFolder::~TemporaryFolder() {
  if (!parent_) {
    return;
  }
  const base::Result<void> removed =
      base::removeTree(parent_.get(), path_.filename().string().c_str());
  if (!removed) {
    client::tell("remove " + path_.string() + ": " + removed.error().message());
  }
}

}  // namespace tango::bench
