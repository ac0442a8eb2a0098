#include "support/docker_daemon.hpp"

#include <array>
#include <cerrno>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tango::test {
namespace {

constexpr int kSkipped = 77;

using vmms::docker::EngineAddress;

EngineAddress addressOf(const std::string& line) {
  std::istringstream words(line);
  std::string way;
  words >> way;
  EngineAddress address;
  if (way == "unix") {
    words >> address.socket;
  } else {
    address.way = EngineAddress::Way::kSsh;
    words >> address.ssh.config_file >> address.ssh.host;
  }
  if (!words) {
    throw std::runtime_error("daemon.py said: " + line);
  }
  return address;
}

std::array<int, 2> makePipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "pipe2");
  }
  return ends;
}

}  // namespace

DockerDaemons::DockerDaemons(Way way, int hosts, const std::vector<std::string>& images) {
  std::vector<std::string> command = {TANGO_PYTHON, TANGO_DOCKER_DAEMON, TANGO_DOCKER_IMAGES,
                                      way == Way::kUnix ? "unix" : "ssh", std::to_string(hosts)};
  command.insert(command.end(), images.begin(), images.end());
  start(command);
  try {
    readAddresses();
  } catch (...) {
    finish();
    throw;
  }
}

DockerDaemons::~DockerDaemons() {
  finish();
}

void DockerDaemons::start(const std::vector<std::string>& command) {
  const std::array<int, 2> input = makePipe();
  const std::array<int, 2> output = makePipe();
  input_.reset(::fdopen(input[1], "w"));
  output_.reset(::fdopen(output[0], "r"));
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  std::vector<char*> arguments;
  for (const std::string& word : command) {
    arguments.push_back(const_cast<char*>(word.c_str()));  // as execve declares it
  }
  arguments.push_back(nullptr);
  const int failed =
      ::posix_spawn(&child_, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(input[0]);
  ::close(output[1]);
  if (failed != 0) {
    throw std::system_error(failed, std::generic_category(), command.front());
  }
}

void DockerDaemons::readAddresses() {
  std::string said;
  for (std::string line = readLine(); line != "ready"; line = readLine()) {
    if (line.empty()) {
      if (finish() != kSkipped) {
        throw std::runtime_error("daemon.py failed: " + said);
      }
      unavailable_ = said;
      addresses_.clear();
      return;
    }
    said = line;
    if (line.rfind("unix ", 0) == 0 || line.rfind("ssh ", 0) == 0) {
      addresses_.push_back(addressOf(line));
    }
  }
}

// Without its end; "" at the end of what there is.
std::string DockerDaemons::readLine() {
  std::string line;
  for (int c = std::fgetc(output_.get()); c != EOF && c != '\n'; c = std::fgetc(output_.get())) {
    line += static_cast<char>(c);
  }
  return line;
}

// The child's exit status; -1: it was over before, or a signal ended it.
int DockerDaemons::finish() {
  if (child_ < 0) {
    return -1;
  }
  input_.reset();
  int status = 0;
  while (::waitpid(child_, &status, 0) < 0 && errno == EINTR) {
  }
  child_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace tango::test
