#include "vmms/ec2/query.hpp"

#include <algorithm>

#include "http/client.hpp"

namespace tango::vmms::ec2 {
namespace {

constexpr const char* kVersion = "2016-11-15";

std::string numbered(const std::string& name, std::size_t number) {
  return name + "." + std::to_string(number);
}

}  // namespace

Query& Query::set(std::string name, std::string value) {
  parameters_.emplace_back(std::move(name), std::move(value));
  return *this;
}

Query& Query::list(const std::string& name, const std::vector<std::string>& values) {
  for (std::size_t at = 0; at < values.size(); ++at) {
    set(numbered(name, at + 1), values[at]);
  }
  return *this;
}

Query& Query::filter(const std::string& name, const std::vector<std::string>& values) {
  const std::string filter = numbered("Filter", ++filters_);
  set(filter + ".Name", name);
  return list(filter + ".Value", values);
}

Query& Query::tagsAtBirth(const std::string& resource_type, const Tags& tags) {
  const std::string specification = numbered("TagSpecification", ++tagged_types_);
  set(specification + ".ResourceType", resource_type);
  return this->tags(specification + ".Tag", tags);
}

Query& Query::tags(const std::string& name, const Tags& tags) {
  for (std::size_t at = 0; at < tags.size(); ++at) {
    set(numbered(name, at + 1) + ".Key", tags[at].first);
    set(numbered(name, at + 1) + ".Value", tags[at].second);
  }
  return *this;
}

std::string Query::value(const std::string& name) const {
  const auto found = std::find_if(parameters_.begin(), parameters_.end(),
                                  [&name](const auto& each) { return each.first == name; });
  return found == parameters_.end() ? "" : found->second;
}

std::string Query::form() const {
  std::string form = "Action=" + http::percentEncoded(action_) + "&Version=" + kVersion;
  for (const auto& [name, value] : parameters_) {
    form += "&" + http::percentEncoded(name) + "=" + http::percentEncoded(value);
  }
  return form;
}

}  // namespace tango::vmms::ec2
