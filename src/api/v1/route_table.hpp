// Every route of the API. A test compares it with openapi.json.
#pragma once

#include <span>

#include "api/v1/handlers.hpp"

namespace tango::api::v1 {

enum class Access { kWithKey, kOpen };

struct V1Route {
  const char* method;
  const char* pattern;  ///< see http/router.hpp; openapi.json has the same
  V1Handler handler;
  Access access = Access::kWithKey;
};

[[nodiscard]] std::span<const V1Route> routeTable();

}  // namespace tango::api::v1
