// Writes pickles of protocol 0 for Tashi's Python 2. Each function gives the steps that put one
// value on the stack.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tango::vmms::tashi {

/// Names of fields, or keys of a dict, with the steps of their values.
using PickledFields = std::vector<std::pair<std::string, std::string>>;

[[nodiscard]] std::string pickledNumber(std::int64_t number);
[[nodiscard]] std::string pickledBool(bool value);
[[nodiscard]] std::string pickledText(std::string_view bytes);
[[nodiscard]] std::string pickledTuple(const std::vector<std::string>& items);
[[nodiscard]] std::string pickledList(const std::vector<std::string>& items);
[[nodiscard]] std::string pickledDict(const PickledFields& items);
/// An object of the class `name` of tashi.rpycservices.rpyctypes, made as `name()`, so that the
/// fields that are not given are as that class has them.
[[nodiscard]] std::string pickledObject(std::string_view name, const PickledFields& fields);

/// The whole pickle of a value.
[[nodiscard]] std::string pickleOf(std::string_view value);

}  // namespace tango::vmms::tashi
