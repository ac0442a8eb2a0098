#include "support/talking_child.hpp"

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tango::test {
namespace {

std::array<int, 2> makePipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "pipe2");
  }
  return ends;
}

}  // namespace

TalkingChild::TalkingChild(std::vector<std::string> command) {
  const std::array<int, 2> input = makePipe();
  const std::array<int, 2> output = makePipe();
  input_.reset(::fdopen(input[1], "w"));
  output_.reset(::fdopen(output[0], "r"));
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  std::vector<char*> arguments;
  for (std::string& word : command) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  const int failed =
      ::posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(input[0]);
  ::close(output[1]);
  if (failed != 0) {
    pid_ = -1;
    throw std::system_error(failed, std::generic_category(), command.front());
  }
}

TalkingChild::~TalkingChild() {
  finish();
}

std::optional<std::string> TalkingChild::readLine() {
  std::string line;
  for (int each = std::fgetc(output_.get()); each != '\n'; each = std::fgetc(output_.get())) {
    if (each == EOF) {
      return line.empty() ? std::nullopt : std::optional(line);
    }
    line += static_cast<char>(each);
  }
  return line;
}

void TalkingChild::writeLine(const std::string& line) {
  if (std::fputs((line + "\n").c_str(), input_.get()) < 0 || std::fflush(input_.get()) != 0) {
    throw std::runtime_error("a program beside the test takes nothing any more");
  }
}

int TalkingChild::finish() {
  if (pid_ < 0) {
    return -1;
  }
  input_.reset();
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace tango::test
