#include "tango/client/answer_fields.hpp"

#include <boost/json/value.hpp>

namespace tango::client {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

const object kNoObject;
const array kNoArray;

}  // namespace

std::string textOf(const object& from, std::string_view name) {
  const value* found = from.if_contains(name);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : "";
}

std::optional<std::int64_t> wholeOf(const object& from, std::string_view name) {
  const value* found = from.if_contains(name);
  if (found == nullptr || !found->is_int64()) {
    return std::nullopt;
  }
  return found->get_int64();
}

std::optional<double> numberOf(const object& from, std::string_view name) {
  const value* found = from.if_contains(name);
  if (found == nullptr || !found->is_number()) {
    return std::nullopt;
  }
  return found->to_number<double>();
}

bool flagOf(const object& from, std::string_view name) {
  const value* found = from.if_contains(name);
  return found != nullptr && found->is_bool() && found->get_bool();
}

const object& objectOf(const object& from, std::string_view name) {
  const value* found = from.if_contains(name);
  return found == nullptr ? kNoObject : objectIn(*found);
}

const array& arrayOf(const object& from, std::string_view name) {
  const value* found = from.if_contains(name);
  return found != nullptr && found->is_array() ? found->get_array() : kNoArray;
}

std::string textsOf(const object& from, std::string_view name) {
  std::string texts;
  for (const value& each : arrayOf(from, name)) {
    if (each.is_string()) {
      texts += (texts.empty() ? "" : ", ") + std::string(each.get_string());
    }
  }
  return texts;
}

const object& objectIn(const value& element) {
  return element.is_object() ? element.get_object() : kNoObject;
}

}  // namespace tango::client
