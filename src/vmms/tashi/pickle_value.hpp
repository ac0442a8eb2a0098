// What a pickle of Tashi's holds: inert data. An object is the name of its class and its fields;
// nothing of a class is ever called.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace tango::vmms::tashi {

struct PickleValue;

struct PickleNone {};

struct PickleClass {
  std::string module;
  std::string name;
};

struct PickleTuple {
  std::vector<const PickleValue*> items;
};

struct PickleList {
  std::vector<const PickleValue*> items;
};

struct PickleDict {
  std::vector<std::pair<const PickleValue*, const PickleValue*>> items;
};

struct PickleObject {
  PickleClass type;
  const PickleValue* arguments = nullptr;  ///< a PickleTuple; null: it was made without
  const PickleValue* state = nullptr;      ///< a PickleDict; null: it has none
};

/// One of the values of a Pickle. Values may refer to each other in circles, as Python's do:
/// whoever follows references goes to a depth of its own.
struct PickleValue {
  /// A text is UTF-8 where Python had a unicode, and bytes of any kind where it had a str.
  std::variant<PickleNone, bool, std::int64_t, double, std::string, PickleTuple, PickleList,
               PickleDict, PickleClass, PickleObject>
      is;

  /// Null: it is something else.
  template <class T>
  [[nodiscard]] const T* as() const {
    return std::get_if<T>(&is);
  }
  [[nodiscard]] bool isNone() const { return as<PickleNone>() != nullptr; }

  /// What a dict, or an object's state, has under `key` (the last one counts); null: nothing.
  [[nodiscard]] const PickleValue* at(std::string_view key) const;
  /// The same, if it is a text or a whole number.
  [[nodiscard]] const std::string* textAt(std::string_view key) const;
  [[nodiscard]] std::optional<std::int64_t> numberAt(std::string_view key) const;
  /// The items of a list or tuple; null: it is something else.
  [[nodiscard]] const std::vector<const PickleValue*>* items() const;
  /// "a list", "an object of the class Instance": for people.
  [[nodiscard]] std::string kind() const;
};

/// A value with all that it refers to. It can be moved; references into it stay.
struct Pickle {
  std::deque<PickleValue> values;
  const PickleValue* root = nullptr;

  Pickle() = default;
  Pickle(const Pickle&) = delete;
  Pickle& operator=(const Pickle&) = delete;
  Pickle(Pickle&&) noexcept = default;
  Pickle& operator=(Pickle&&) noexcept = default;
  ~Pickle() = default;
};

}  // namespace tango::vmms::tashi
