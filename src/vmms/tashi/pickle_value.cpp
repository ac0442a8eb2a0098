#include "vmms/tashi/pickle_value.hpp"

namespace tango::vmms::tashi {

const PickleValue* PickleValue::at(std::string_view key) const {
  const auto* const object = as<PickleObject>();
  const PickleValue* const holder = object != nullptr ? object->state : this;
  const auto* const dict = holder == nullptr ? nullptr : holder->as<PickleDict>();
  if (dict == nullptr) {
    return nullptr;
  }
  for (auto item = dict->items.rbegin(); item != dict->items.rend(); ++item) {
    const auto* const name = item->first->as<std::string>();
    if (name != nullptr && *name == key) {
      return item->second;
    }
  }
  return nullptr;
}

const std::string* PickleValue::textAt(std::string_view key) const {
  const PickleValue* const found = at(key);
  return found == nullptr ? nullptr : found->as<std::string>();
}

std::optional<std::int64_t> PickleValue::numberAt(std::string_view key) const {
  const PickleValue* const found = at(key);
  const auto* const number = found == nullptr ? nullptr : found->as<std::int64_t>();
  return number == nullptr ? std::nullopt : std::optional(*number);
}

const std::vector<const PickleValue*>* PickleValue::items() const {
  if (const auto* const list = as<PickleList>()) {
    return &list->items;
  }
  const auto* const tuple = as<PickleTuple>();
  return tuple == nullptr ? nullptr : &tuple->items;
}

std::string PickleValue::kind() const {
  struct Visitor {
    std::string operator()(const PickleNone& /*none*/) const { return "None"; }
    std::string operator()(bool /*value*/) const { return "a bool"; }
    std::string operator()(std::int64_t /*value*/) const { return "a number"; }
    std::string operator()(double /*value*/) const { return "a float"; }
    std::string operator()(const std::string& /*value*/) const { return "a text"; }
    std::string operator()(const PickleTuple& /*value*/) const { return "a tuple"; }
    std::string operator()(const PickleList& /*value*/) const { return "a list"; }
    std::string operator()(const PickleDict& /*value*/) const { return "a dict"; }
    std::string operator()(const PickleClass& value) const { return "the class " + value.name; }
    std::string operator()(const PickleObject& value) const {
      return "an object of the class " + value.type.name;
    }
  };
  return std::visit(Visitor{}, is);
}

}  // namespace tango::vmms::tashi
