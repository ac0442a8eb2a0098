// The fields of a server's answer. What is missing or of another type reads as absent: an answer is
// shown as far as it can be understood, and never trusted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace tango::client {

/// "" if absent.
[[nodiscard]] std::string textOf(const boost::json::object& object, std::string_view name);
[[nodiscard]] std::optional<std::int64_t> wholeOf(const boost::json::object& object,
                                                  std::string_view name);
/// Whole numbers too.
[[nodiscard]] std::optional<double> numberOf(const boost::json::object& object,
                                             std::string_view name);
/// false if absent.
[[nodiscard]] bool flagOf(const boost::json::object& object, std::string_view name);
/// Empty if absent.
[[nodiscard]] const boost::json::object& objectOf(const boost::json::object& object,
                                                  std::string_view name);
[[nodiscard]] const boost::json::array& arrayOf(const boost::json::object& object,
                                                std::string_view name);
/// The texts of an array, with commas between them.
[[nodiscard]] std::string textsOf(const boost::json::object& object, std::string_view name);
/// The object that an element of an array is, or an empty one.
[[nodiscard]] const boost::json::object& objectIn(const boost::json::value& element);

}  // namespace tango::client
