// One request of the EC2 Query API, as the form that is posted: an action and its parameters.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace tango::vmms::ec2 {

using Tags = std::vector<std::pair<std::string, std::string>>;

class Query {
 public:
  explicit Query(std::string action) : action_(std::move(action)) {}

  Query& set(std::string name, std::string value);
  /// NAME.1, NAME.2, ...
  Query& list(const std::string& name, const std::vector<std::string>& values);
  /// Filter.N.Name and Filter.N.Value.M: one of `values` is the case; filters must all hold.
  Query& filter(const std::string& name, const std::vector<std::string>& values);
  /// TagSpecification.N: what is made of that type is born with `tags`.
  Query& tagsAtBirth(const std::string& resource_type, const Tags& tags);
  /// NAME.N.Key and NAME.N.Value.
  Query& tags(const std::string& name, const Tags& tags);

  [[nodiscard]] const std::string& action() const { return action_; }
  /// "": there is no such parameter.
  [[nodiscard]] std::string value(const std::string& name) const;
  /// application/x-www-form-urlencoded, with Action and Version.
  [[nodiscard]] std::string form() const;

 private:
  std::string action_;
  std::vector<std::pair<std::string, std::string>> parameters_;
  std::size_t filters_ = 0;
  std::size_t tagged_types_ = 0;
};

}  // namespace tango::vmms::ec2
