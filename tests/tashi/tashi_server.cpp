#include "tashi/tashi_server.hpp"

#include <array>
#include <fstream>
#include <stdexcept>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json.hpp>

namespace tango::test {
namespace {

void must(bool done, const char* what) {
  if (!done) {
    throw std::runtime_error(what);
  }
}

std::string textAt(const boost::json::object& object, const char* name) {
  return std::string(object.at(name).as_string());
}

}  // namespace

TashiServer::TashiServer(Machines machines, std::uint16_t ssh_port) {
  std::array<int, 2> to{};
  std::array<int, 2> from{};
  must(::pipe2(to.data(), O_CLOEXEC) == 0 && ::pipe2(from.data(), O_CLOEXEC) == 0, "pipe2");
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, to[0], STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, from[1], STDOUT_FILENO);
  std::string port = "--ssh-port=" + std::to_string(ssh_port);
  std::string none = "--no-machines";
  std::string python = "/usr/bin/python3";  // Debian's, which has Debian's python3-rpyc
  std::string no_cache = "-B";
  std::string program = TANGO_TASHI_SERVER;
  std::vector<char*> arguments = {python.data(), no_cache.data(), program.data(), port.data()};
  if (machines == Machines::kNone) {
    arguments.push_back(none.data());
  }
  arguments.push_back(nullptr);
  const int failed =
      ::posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(to[0]);
  ::close(from[1]);
  to_ = {::fdopen(to[1], "w"), ::fclose};
  from_ = {::fdopen(from[0], "r"), ::fclose};
  must(failed == 0, "starting tests/tashi/server.py");
  const boost::json::object told = boost::json::parse(readLine()).as_object();
  config_.owner = "tests";
  config_.host = "127.0.0.1";
  config_.port = static_cast<std::uint16_t>(told.at("port").as_int64());
  config_.image_folder = textAt(told, "images");
  config_.key_file = textAt(told, "key_file");
  config_.ssh_config_file = textAt(told, "ssh_config");
  config_.ssh_port = ssh_port;
  config_.answer_max = base::Millis{2'000};
  config_.call_max = base::Millis{6'000};
}

// The end of its input ends it, and all of its machines.
TashiServer::~TashiServer() {
  to_.reset();
  int status = 0;
  ::waitpid(pid_, &status, 0);
}

vmms::tashi::TashiConfig TashiServer::config() const {
  return config_;
}

void TashiServer::addImage(const std::string& file) const {
  std::ofstream(config_.image_folder / file) << "a disk";
}

std::string TashiServer::readLine() {
  std::string line;
  for (int each = std::fgetc(from_.get()); each != '\n'; each = std::fgetc(from_.get())) {
    must(each != EOF, "tests/tashi/server.py has ended; python3-rpyc is needed");
    line.push_back(static_cast<char>(each));
  }
  return line;
}

std::string TashiServer::command(const std::string& line) {
  must(std::fputs((line + "\n").c_str(), to_.get()) >= 0 && std::fflush(to_.get()) == 0,
       "writing to tests/tashi/server.py");
  return readLine();
}

void TashiServer::fault(const std::string& method, const std::string& kind, int times) {
  command(boost::json::serialize(boost::json::array{"fault", method, kind, times}));
}

void TashiServer::put(std::int64_t id, int state) {
  command(boost::json::serialize(boost::json::array{"put", id, state}));
}

void TashiServer::hold(bool holds) {
  command(boost::json::serialize(boost::json::array{"hold", holds}));
}

std::vector<std::string> TashiServer::calls() {
  std::vector<std::string> calls;
  const boost::json::value told = boost::json::parse(command("[\"calls\"]"));
  for (const boost::json::value& each : told.as_array()) {
    calls.emplace_back(each.as_string());
  }
  return calls;
}

std::string TashiServer::instances() {
  return command("[\"instances\"]");
}

}  // namespace tango::test
