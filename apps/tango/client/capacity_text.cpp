#include "tango/client/capacity_text.hpp"

#include "tango/client/answer_fields.hpp"

namespace tango::client {

std::string usedOf(const boost::json::object& shown, std::string_view what,
                   std::string (*show)(double)) {
  const auto used = numberOf(objectOf(shown, "used"), what);
  const auto capacity = numberOf(objectOf(shown, "capacity"), what);
  return (used ? show(*used) : "-") + (capacity ? " of " + show(*capacity) : "");
}

}  // namespace tango::client
