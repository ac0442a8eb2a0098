#include "unit/ec2/region.hpp"

#include <array>
#include <cstdlib>
#include <stdexcept>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "support/run_on.hpp"

namespace tango::test {
namespace {

namespace json = boost::json;

std::string firstLine(int fd) {
  std::string line;
  char each = 0;
  while (::read(fd, &each, 1) == 1 && each != '\n') {
    line += each;
  }
  return line;
}

}  // namespace

Region::Region(std::string option) : client_(context_.get_executor()) {
  std::array<int, 2> input{};
  std::array<int, 2> output{};
  if (::pipe2(input.data(), O_CLOEXEC) != 0 || ::pipe2(output.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipes");
  }
  const base::UniqueFd its_input(input[0]);
  const base::UniqueFd our_output(output[0]);
  base::UniqueFd its_output(output[1]);
  input_ = base::UniqueFd(input[1]);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, its_input.get(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, its_output.get(), STDOUT_FILENO);
  // A Python that has botocore: Debian's.
  const char* const named = std::getenv("TANGO_BOTOCORE_PYTHON");
  std::string python = named != nullptr ? named : "/usr/bin/python3";
  std::string script = TANGO_EC2_ENDPOINT;
  std::array<char*, 4> arguments = {python.data(), script.data(), option.data(), nullptr};
  const int failed =
      ::posix_spawn(&pid_, python.c_str(), &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  its_output.reset();
  const std::string line = failed == 0 ? firstLine(our_output.get()) : "";
  if (line.empty()) {
    throw std::runtime_error("the EC2 endpoint does not start");
  }
  greeting_ = json::parse(line).as_object();
}

Region::~Region() {
  input_.reset();
  ::waitpid(pid_, nullptr, 0);
}

std::string Region::told(const std::string& name) const {
  return std::string(greeting_.at(name).as_string());
}

std::string Region::toldOfOther(const std::string& name) const {
  return std::string(greeting_.at("other").as_object().at(name).as_string());
}

json::object Region::say(const std::string& verb, const json::object& fields) {
  http::ClientRequest request;
  request.method = "POST";
  request.url = told("control") + "/" + verb;
  request.body.emplace_back();
  request.body.back().bytes = json::serialize(fields);
  const auto response = runOn(context_, client_.send(std::move(request)));
  if (!response || response->status != 200) {
    throw std::runtime_error(verb + ": " +
                             (response ? response->body : response.error().message()));
  }
  return json::parse(response->body).as_object();
}

void Region::fault(const std::string& action, const std::string& kind, int count,
                   const std::string& code, int status) {
  say("fault",
      {{"action", action}, {"kind", kind}, {"count", count}, {"code", code}, {"status", status}});
}

void Region::reset() {
  say("reset");
}

json::array Region::instances() {
  return say("instances").at("instances").as_array();
}

std::vector<json::object> Region::calls(const std::string& action) {
  std::vector<json::object> all;
  const json::object journal = say("journal");
  for (const json::value& each : journal.at("calls").as_array()) {
    const json::value& its_action = each.as_object().at("action");
    if (its_action.is_string() && its_action.as_string() == action) {
      all.push_back(each.as_object());
    }
  }
  return all;
}

std::string Region::violations() {
  return json::serialize(say("violations").at("violations"));
}

}  // namespace tango::test
