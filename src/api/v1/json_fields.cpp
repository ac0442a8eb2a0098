#include "api/v1/json_fields.hpp"

#include <cmath>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "base/safe_path.hpp"

namespace tango::api::v1 {
namespace {

std::string plain(double number) {
  return std::to_string(static_cast<std::uint64_t>(number));
}

/// The whole number that a JSON number is, also one that is written as 1e3.
std::optional<std::uint64_t> wholeIn(const boost::json::value& value) {
  if (value.is_uint64()) {
    return value.get_uint64();
  }
  if (value.is_int64() && value.get_int64() >= 0) {
    return static_cast<std::uint64_t>(value.get_int64());
  }
  if (value.is_double()) {
    const double number = value.get_double();
    if (number >= 0 && number <= static_cast<double>(kWholeMax) && std::floor(number) == number) {
      return static_cast<std::uint64_t>(number);
    }
  }
  return std::nullopt;
}

std::string lengths(std::size_t min, std::size_t max) {
  return (min == 0 ? "at most " : std::to_string(min) + " to ") + std::to_string(max) + " bytes";
}

}  // namespace

JsonFields::JsonFields(const boost::json::value& value, std::string path,
                       std::optional<Problem>& problem)
    : object_(value.if_object()), path_(std::move(path)), problem_(problem) {
  if (object_ == nullptr && !problem_) {
    const std::string what = path_.empty() ? "the body" : path_;
    problem_ = badField(path_, what + " must be a JSON object");
  }
}

std::string JsonFields::nameOf(std::string_view field) const {
  return path_.empty() ? std::string(field) : path_ + "." + std::string(field);
}

void JsonFields::fail(std::string_view field, std::string_view detail) {
  if (!problem_) {
    const std::string name = nameOf(field);
    problem_ = badField(name, name + " " + std::string(detail));
  }
}

const boost::json::value* JsonFields::value(std::string_view name) {
  known_.emplace(name);
  return object_ == nullptr || problem_ ? nullptr : object_->if_contains(name);
}

std::optional<std::string> JsonFields::text(std::string_view name, std::size_t bytes_min,
                                            std::size_t bytes_max) {
  const boost::json::value* found = value(name);
  if (found == nullptr) {
    return std::nullopt;
  }
  if (!found->is_string()) {
    fail(name, "must be a string");
    return std::nullopt;
  }
  std::string text(found->get_string());
  if (text.size() < bytes_min || text.size() > bytes_max) {
    fail(name, "must have " + lengths(bytes_min, bytes_max));
    return std::nullopt;
  }
  if (text.find('\0') != std::string::npos) {
    fail(name, "must not have a NUL in it");
    return std::nullopt;
  }
  return text;
}

std::string JsonFields::requiredText(std::string_view name, std::size_t bytes_min,
                                     std::size_t bytes_max) {
  std::optional<std::string> found = text(name, bytes_min, bytes_max);
  if (!found) {
    fail(name, "is missing");
  }
  return std::move(found).value_or("");
}

std::optional<std::string> JsonFields::component(std::string_view name) {
  std::optional<std::string> found = text(name, 0, kWholeMax);
  if (!found) {
    return std::nullopt;
  }
  const base::Result<void> checked = base::checkComponent(*found, nameOf(name));
  if (!checked) {
    problem_ = badField(nameOf(name), checked.error().message());
    return std::nullopt;
  }
  return found;
}

std::optional<std::uint64_t> JsonFields::whole(std::string_view name, std::uint64_t min,
                                               std::uint64_t max) {
  const boost::json::value* found = value(name);
  if (found == nullptr) {
    return std::nullopt;
  }
  if (!found->is_number()) {
    fail(name, "must be a number");
    return std::nullopt;
  }
  const std::optional<std::uint64_t> number = wholeIn(*found);
  if (!number || *number < min || *number > max) {
    fail(name, "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
    return std::nullopt;
  }
  return number;
}

std::optional<double> JsonFields::number(std::string_view name, bool zero_too, double max) {
  const boost::json::value* found = value(name);
  if (found == nullptr) {
    return std::nullopt;
  }
  if (!found->is_number()) {
    fail(name, "must be a number");
    return std::nullopt;
  }
  const auto number = found->to_number<double>();
  if (!(zero_too ? number >= 0 : number > 0) || number > max) {
    fail(name,
         (zero_too ? "must be 0 or more, and at most " : "must be more than 0, and at most ") +
             plain(max));
    return std::nullopt;
  }
  return number;
}

std::optional<bool> JsonFields::boolean(std::string_view name) {
  const boost::json::value* found = value(name);
  if (found == nullptr) {
    return std::nullopt;
  }
  if (!found->is_bool()) {
    fail(name, "must be true or false");
    return std::nullopt;
  }
  return found->get_bool();
}

const boost::json::array* JsonFields::array(std::string_view name, std::size_t size_max) {
  const boost::json::value* found = value(name);
  if (found == nullptr) {
    return nullptr;
  }
  if (!found->is_array()) {
    fail(name, "must be an array");
    return nullptr;
  }
  if (found->get_array().size() > size_max) {
    fail(name, "must have at most " + std::to_string(size_max) + " elements");
    return nullptr;
  }
  return &found->get_array();
}

void JsonFields::finish() {
  if (object_ == nullptr || problem_) {
    return;
  }
  for (const auto& field : *object_) {
    if (!known_.contains(std::string_view(field.key()))) {
      fail(field.key(), "is not a field that is known here");
      return;
    }
  }
}

OrProblem<boost::json::value> parseObject(std::string_view text) {
  boost::json::error_code failure;
  boost::json::value document = boost::json::parse(text, failure);
  if (failure) {
    return badField("", "the body is not JSON: " + failure.message());
  }
  if (!document.is_object()) {
    return badField("", "the body must be a JSON object");
  }
  return document;
}

}  // namespace tango::api::v1
