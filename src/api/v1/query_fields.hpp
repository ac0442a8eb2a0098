// Reads a query string strictly, as json_fields reads a JSON object.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "api/v1/problem.hpp"

namespace tango::api::v1 {

class QueryFields {
 public:
  /// `query` as the request has it: undecoded, without '?'.
  explicit QueryFields(std::string_view query);

  std::optional<std::string> text(std::string_view name);
  std::optional<std::uint64_t> whole(std::string_view name, std::uint64_t min, std::uint64_t max);
  void fail(std::string_view name, std::string_view detail);
  /// What was wrong first, a parameter that was not asked for by now included.
  std::optional<Problem> finish();

 private:
  std::map<std::string, std::string, std::less<>> values_;  ///< those not asked for yet
  std::optional<Problem> problem_;
};

/// `text` in decimal, from `min` to `max`; nothing if it is anything else.
[[nodiscard]] std::optional<std::uint64_t> wholeNumber(std::string_view text, std::uint64_t min,
                                                       std::uint64_t max);

}  // namespace tango::api::v1
