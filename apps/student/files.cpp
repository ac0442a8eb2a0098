#include "student/files.hpp"

#include <cerrno>
#include <filesystem>
#include <set>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/copy_bytes.hpp"
#include "sandbox/protocol.hpp"

namespace tango::student {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;
using base::Result;
using base::systemError;

constexpr std::size_t kFilesMax = 10'000;

std::string absolute(const std::string& path) {
  std::error_code failure;
  std::string plain = fs::absolute(path, failure).lexically_normal().string();
  while (plain.size() > 1 && plain.ends_with('/')) {
    plain.pop_back();
  }
  return plain;
}

Error outside(const std::string& option, const std::string& path) {
  return {ErrorKind::kInvalid,
          "option --" + option + ": " + path + " is not in /home, /tmp, /var/tmp or /dev/shm"};
}

bool isScratchFile(const std::string& path) {
  std::error_code failure;
  return !sandbox::scratchFolderOf(path).empty() && fs::is_regular_file(path, failure);
}

Result<void> addFolder(std::set<std::string>& paths, const std::string& folder) {
  std::error_code failure;
  fs::recursive_directory_iterator entry(folder, failure);
  for (const fs::recursive_directory_iterator end; !failure && entry != end;
       entry.increment(failure)) {
    if (fs::is_regular_file(entry->symlink_status(failure))) {
      paths.insert(entry->path().string());
    }
    if (paths.size() > kFilesMax) {
      return Error(ErrorKind::kTooLarge, "option --file: more than 10000 files");
    }
  }
  return failure ? Result<void>(systemError(failure.value(), "option --file: read " + folder))
                 : Result<void>();
}

}  // namespace

Result<std::vector<std::string>> filesToGive(const Options& options) {
  std::set<std::string> paths;
  for (std::size_t i = 0; i < options.command.size(); ++i) {
    const std::string& word = options.command[i];
    // A first word without a slash is looked up in PATH, not in the folder.
    const bool named = !word.empty() && (i > 0 || word.find('/') != std::string::npos);
    if (const std::string path = named ? absolute(word) : ""; named && isScratchFile(path)) {
      paths.insert(path);
    }
  }
  for (const std::string& word : options.files) {
    const std::string path = absolute(word);
    std::error_code failure;
    if (sandbox::scratchFolderOf(path).empty()) {
      return outside("file", path);
    }
    if (fs::is_directory(path, failure)) {
      if (Result<void> added = addFolder(paths, path); !added) {
        return added.error();
      }
    } else if (fs::is_regular_file(path, failure)) {
      paths.insert(path);
    } else {
      return Error(ErrorKind::kNotFound, "option --file: there is no file or folder " + path);
    }
  }
  return std::vector<std::string>(paths.begin(), paths.end());
}

Result<void> sendFiles(int connection, const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    const base::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat about{};
    if (!file || ::fstat(file.get(), &about) != 0) {
      return systemError(errno, "open " + path);
    }
    const sandbox::FileHeader header{path, (about.st_mode & S_IXUSR) != 0};
    if (Result<void> sent = sandbox::sendMessage(connection, sandbox::MessageType::kFile,
                                                 sandbox::encode(header), file.get());
        !sent) {
      return sent;
    }
  }
  return {};
}

Result<std::vector<std::string>> resultsToFetch(const Options& options) {
  std::vector<std::string> paths;
  for (const std::string& word : options.results) {
    paths.push_back(absolute(word));
    if (sandbox::scratchFolderOf(paths.back()).empty()) {
      return outside("fetch", paths.back());
    }
  }
  return paths;
}

Result<void> takeResult(std::string_view body, const base::UniqueFd& file) {
  const Result<sandbox::FileHeader> header = sandbox::decodeFileHeader(body);
  if (!header) {
    return header.error();
  }
  const std::string& path = header->name;
  const base::UniqueFd copy(::unlink(path.c_str()) != 0 && errno != ENOENT
                                ? -1
                                : ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                                         header->executable ? 0755 : 0644));
  if (!copy) {
    return systemError(errno, "option --fetch: create " + path);
  }
  return base::copyBytes(file.get(), copy.get(), path);
}

}  // namespace tango::student
