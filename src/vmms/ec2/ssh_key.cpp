#include "vmms/ec2/ssh_key.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hex.hpp"
#include "base/sha256.hpp"
#include "base/unique_fd.hpp"
#include "vmms/ec2/base64.hpp"

extern char** environ;

namespace tango::vmms::ec2 {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::UniqueFd;

constexpr std::size_t kOutputMax = 64 * 1024;

struct Ended {
  int status = 0;
  std::string output;  ///< of both streams
};

std::string readAll(int fd) {
  std::string all;
  std::array<char, 4096> room{};
  for (;;) {
    const ssize_t got = ::read(fd, room.data(), room.size());
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return all;
    }
    const std::size_t kept = std::min(static_cast<std::size_t>(got), kOutputMax - all.size());
    all.append(room.data(), kept);
  }
}

// Runs ssh-keygen to its end; it is given no terminal's input.
Result<Ended> runKeygen(std::vector<std::string> arguments) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return base::systemError(errno, "pipe");
  }
  const UniqueFd ours(ends[0]);
  UniqueFd theirs(ends[1]);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, theirs.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, theirs.get(), STDERR_FILENO);
  std::vector<char*> argv;
  arguments.insert(arguments.begin(), "ssh-keygen");
  for (std::string& each : arguments) {
    argv.push_back(each.data());
  }
  argv.push_back(nullptr);
  pid_t pid = -1;
  const int failed = ::posix_spawnp(&pid, "ssh-keygen", &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    return base::systemError(failed, "start ssh-keygen");
  }
  theirs = UniqueFd();
  Ended ended;
  ended.output = readAll(ours.get());
  while (::waitpid(pid, &ended.status, 0) < 0) {
    if (errno != EINTR) {
      return base::systemError(errno, "wait for ssh-keygen");
    }
  }
  return ended;
}

bool succeeded(const Ended& ended) {
  return WIFEXITED(ended.status) && WEXITSTATUS(ended.status) == 0;
}

// The last line says it; those before are a frame around it.
std::string lastLine(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) {
    text.pop_back();
  }
  const std::size_t line = text.rfind('\n');
  return line == std::string::npos ? text : text.substr(line + 1);
}

Result<void> makeKey(const std::filesystem::path& file) {
  const Result<std::string> random = base::randomHex(8);
  if (!random) {
    return random.error();
  }
  // Under its name it is complete or not there at all.
  const std::string fresh = file.string() + "." + *random;
  const Result<Ended> ended =
      runKeygen({"-q", "-t", "ed25519", "-N", "", "-C", file.filename().string(), "-f", fresh});
  if (!ended) {
    return ended.error();
  }
  if (!succeeded(*ended)) {
    return Error(ErrorKind::kSystem, "make a key: " + lastLine(ended->output));
  }
  ::unlink((fresh + ".pub").c_str());
  if (::rename(fresh.c_str(), file.c_str()) != 0) {
    const Error error = base::systemError(errno, "rename " + fresh);
    ::unlink(fresh.c_str());
    return error;
  }
  return {};
}

}  // namespace

Result<std::string> publicKeyOf(const std::filesystem::path& file) {
  if (::access(file.c_str(), R_OK) != 0) {
    return base::systemError(errno, "read the key " + file.string());
  }
  const Result<Ended> ended = runKeygen({"-y", "-P", "", "-f", file.string()});
  if (!ended) {
    return ended.error();
  }
  if (!succeeded(*ended)) {
    return Error(ErrorKind::kInvalid, "the key " + file.string() + ": " + lastLine(ended->output));
  }
  // TYPE BLOB [COMMENT]
  const std::string line = lastLine(ended->output);
  const std::size_t blob = line.find(' ');
  if (blob == std::string::npos) {
    return Error(ErrorKind::kInvalid, "the key " + file.string() + ": it has no public part");
  }
  return line.substr(0, line.find(' ', blob + 1));
}

Result<std::string> ownPublicKey(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    const std::filesystem::path folder = file.parent_path();
    if (std::filesystem::create_directories(folder, error)) {
      std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
    }
    if (error) {
      return base::systemError(error.value(), "make the folder " + folder.string());
    }
    const Result<void> made = makeKey(file);
    if (!made) {
      return made.error();
    }
  }
  return publicKeyOf(file);
}

std::string fingerprintOf(const std::string& public_key) {
  constexpr std::string_view kType = "ssh-ed25519 ";
  if (!public_key.starts_with(kType)) {
    return "";
  }
  const std::string_view blob = std::string_view(public_key).substr(kType.size());
  const std::optional<std::string> bytes = fromBase64(blob.substr(0, blob.find(' ')));
  if (!bytes) {
    return "";
  }
  const base::Sha256 digest = base::sha256Of(*bytes);
  const std::string text = base64Of({reinterpret_cast<const char*>(digest.data()), digest.size()});
  return text.substr(0, text.find('='));
}

}  // namespace tango::vmms::ec2
