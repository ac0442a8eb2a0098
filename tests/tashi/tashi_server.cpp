#include "tashi/tashi_server.hpp"

#include <fstream>
#include <stdexcept>

#include <boost/json.hpp>

namespace tango::test {
namespace {

std::string textAt(const boost::json::object& object, const char* name) {
  return std::string(object.at(name).as_string());
}

// Debian's Python, which has Debian's python3-rpyc.
std::vector<std::string> command(TashiServer::Machines machines, std::uint16_t ssh_port) {
  std::vector<std::string> words = {"/usr/bin/python3", "-B", TANGO_TASHI_SERVER,
                                    "--ssh-port=" + std::to_string(ssh_port)};
  if (machines == TashiServer::Machines::kNone) {
    words.emplace_back("--no-machines");
  }
  return words;
}

}  // namespace

TashiServer::TashiServer(Machines machines, std::uint16_t ssh_port)
    : child_(command(machines, ssh_port)) {
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

vmms::tashi::TashiConfig TashiServer::config() const {
  return config_;
}

void TashiServer::addImage(const std::string& file) const {
  std::ofstream(config_.image_folder / file) << "a disk";
}

std::string TashiServer::readLine() {
  std::optional<std::string> line = child_.readLine();
  if (!line) {
    throw std::runtime_error("tests/tashi/server.py has ended; python3-rpyc is needed");
  }
  return *std::move(line);
}

std::string TashiServer::ask(const std::string& line) {
  child_.writeLine(line);
  return readLine();
}

void TashiServer::fault(const std::string& method, const std::string& kind, int times) {
  ask(boost::json::serialize(boost::json::array{"fault", method, kind, times}));
}

void TashiServer::put(std::int64_t id, int state) {
  ask(boost::json::serialize(boost::json::array{"put", id, state}));
}

void TashiServer::hold(bool holds) {
  ask(boost::json::serialize(boost::json::array{"hold", holds}));
}

std::vector<std::string> TashiServer::calls() {
  std::vector<std::string> calls;
  const boost::json::value told = boost::json::parse(ask("[\"calls\"]"));
  for (const boost::json::value& each : told.as_array()) {
    calls.emplace_back(each.as_string());
  }
  return calls;
}

std::string TashiServer::instances() {
  return ask("[\"instances\"]");
}

}  // namespace tango::test
