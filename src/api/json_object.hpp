// JSON as it comes from a client.
#pragma once

#include <string_view>

#include <boost/json/object.hpp>

#include "base/result.hpp"

namespace tango::api {

/// The object that `text` is. kInvalid says what is wrong: it is no JSON or no UTF-8, it is nested
/// too deep, it is not an object, or a key of some object in it comes twice (two readers may then
/// take different ones of its values).
base::Result<boost::json::object> parseObject(std::string_view text);

}  // namespace tango::api
