// Reads a JSON object strictly: what is wrong is named, and what is not known is wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "api/v1/problem.hpp"

namespace tango::api::v1 {

/// The largest whole number that every JSON reader takes exactly (RFC 8259, 6).
inline constexpr std::uint64_t kWholeMax = (1ULL << 53) - 1;

/// All readers of one document share one `problem`: the first that is found stays, and everything
/// behind it reads as absent. The values are borrowed.
class JsonFields {
 public:
  /// `path` is what the object is called ("limits"); "": it is the whole document.
  JsonFields(const boost::json::value& value, std::string path, std::optional<Problem>& problem);

  /// Text without a NUL, of `bytes_min` to `bytes_max` bytes.
  std::optional<std::string> text(std::string_view name, std::size_t bytes_min,
                                  std::size_t bytes_max);
  /// The same; its absence is a problem.
  std::string requiredText(std::string_view name, std::size_t bytes_min, std::size_t bytes_max);
  /// One path component (base::checkComponent).
  std::optional<std::string> component(std::string_view name);
  std::optional<std::uint64_t> whole(std::string_view name, std::uint64_t min,
                                     std::uint64_t max = kWholeMax);
  /// From 0, or above it, to `max`.
  std::optional<double> number(std::string_view name, bool zero_too, double max);
  std::optional<bool> boolean(std::string_view name);
  /// Null: it is absent.
  const boost::json::array* array(std::string_view name, std::size_t size_max);
  const boost::json::value* value(std::string_view name);

  /// The field's full name: "limits.timeout_seconds".
  [[nodiscard]] std::string nameOf(std::string_view field) const;
  /// Notes `detail`, which follows the field's full name: "must be a number".
  void fail(std::string_view field, std::string_view detail);
  /// Every field that was not asked for by now is a problem.
  void finish();
  [[nodiscard]] bool ok() const { return !problem_; }

 private:
  const boost::json::object* object_ = nullptr;
  const std::string path_;
  std::optional<Problem>& problem_;
  std::set<std::string, std::less<>> known_;
};

/// The document in `text`, which has to be an object. Nesting is bounded.
OrProblem<boost::json::value> parseObject(std::string_view text);

}  // namespace tango::api::v1
