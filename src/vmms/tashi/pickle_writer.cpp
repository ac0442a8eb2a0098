#include "vmms/tashi/pickle_writer.hpp"

#include "vmms/tashi/pickle_text.hpp"

namespace tango::vmms::tashi {

std::string pickledNumber(std::int64_t number) {
  return "I" + std::to_string(number) + "\n";
}

std::string pickledBool(bool value) {
  return value ? "I01\n" : "I00\n";
}

std::string pickledText(std::string_view bytes) {
  return "S" + quoted(bytes) + "\n";
}

std::string pickledTuple(const std::vector<std::string>& items) {
  std::string steps = "(";
  for (const std::string& item : items) {
    steps += item;
  }
  return steps + "t";
}

std::string pickledList(const std::vector<std::string>& items) {
  std::string steps = "(l";
  for (const std::string& item : items) {
    steps += item + "a";
  }
  return steps;
}

std::string pickledDict(const PickledFields& items) {
  std::string steps = "(d";
  for (const auto& [key, value] : items) {
    steps += pickledText(key) + value + "s";
  }
  return steps;
}

std::string pickledObject(std::string_view name, const PickledFields& fields) {
  return "ctashi.rpycservices.rpyctypes\n" + std::string(name) + "\n(tR" + pickledDict(fields) +
         "b";
}

std::string pickleOf(std::string_view value) {
  return std::string(value) + ".";
}

}  // namespace tango::vmms::tashi
