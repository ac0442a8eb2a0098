#include "unit/ec2/region.hpp"

#include <cstdlib>
#include <stdexcept>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "support/run_on.hpp"

namespace tango::test {
namespace {

namespace json = boost::json;

// A Python that has botocore: Debian's.
std::string python() {
  const char* const named = std::getenv("TANGO_BOTOCORE_PYTHON");
  return named != nullptr ? named : "/usr/bin/python3";
}

}  // namespace

Region::Region(const std::string& option)
    : client_(context_.get_executor()), child_({python(), TANGO_EC2_ENDPOINT, option}) {
  const std::optional<std::string> line = child_.readLine();
  if (!line) {
    throw std::runtime_error("the EC2 endpoint does not start");
  }
  greeting_ = json::parse(*line).as_object();
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
