#include "model/vm.hpp"

namespace tango::model {

std::string VmName::text() const {
  std::string text = prefix + "-" + std::to_string(id) + "-" + image;
  for (char& c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '_' || c == '-';
    if (!plain) {
      c = '_';
    }
  }
  return text;
}

}  // namespace tango::model
