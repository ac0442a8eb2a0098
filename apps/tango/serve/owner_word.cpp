#include "tango/serve/owner_word.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "base/hex.hpp"
#include "base/safe_path.hpp"
#include "base/unique_fd.hpp"
#include "base/write_all.hpp"

namespace tango::app {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::systemError;
using base::UniqueFd;

constexpr const char* kOwnerFile = "owner";
constexpr const char* kDraft = "owner.new";
constexpr std::size_t kRandomBytes = 16;

bool isWord(const std::string& text) {
  return text.size() == 2 * kRandomBytes && std::all_of(text.begin(), text.end(), [](char c) {
           return base::hexDigit(c).has_value();
         });
}

// kNotFound: there is none yet.
Result<std::string> readWord(int folder) {
  const Result<UniqueFd> file = base::openNoLinks(folder, kOwnerFile, O_RDONLY | O_NONBLOCK);
  if (!file) {
    return file.error().during("open the data folder's file owner");
  }
  std::array<char, 256> text{};
  const ssize_t got = ::read(file->get(), text.data(), text.size());
  if (got < 0) {
    return systemError(errno, "read the data folder's file owner");
  }
  std::string word(text.data(), static_cast<std::size_t>(got));
  if (word.ends_with('\n')) {
    word.pop_back();
  }
  if (!isWord(word)) {
    return Error(ErrorKind::kInvalid,
                 "the data folder's file owner is not as it was made: put it back, or remove it "
                 "(containers of an earlier service then end by themselves)");
  }
  return word;
}

// It appears whole or not at all.
Result<void> writeWord(int folder, const std::string& word) {
  const Result<UniqueFd> file =
      base::openNoLinks(folder, kDraft, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (!file) {
    return file.error();
  }
  if (Result<void> written = base::writeAll(file->get(), word + "\n", kDraft); !written) {
    return written;
  }
  const bool there = ::fsync(file->get()) == 0 &&
                     ::renameat(folder, kDraft, folder, kOwnerFile) == 0 && ::fsync(folder) == 0;
  return there ? Result<void>() : systemError(errno, "make the data folder's file owner");
}

}  // namespace

Result<std::string> ownerWord(int data_folder_fd) {
  Result<std::string> word = readWord(data_folder_fd);
  if (word || word.error().kind() != ErrorKind::kNotFound) {
    return word;
  }
  word = base::randomHex(kRandomBytes);
  if (!word) {
    return word;
  }
  const Result<void> written = writeWord(data_folder_fd, *word);
  return written ? word : Result<std::string>(written.error());
}

}  // namespace tango::app
