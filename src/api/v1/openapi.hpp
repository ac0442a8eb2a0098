// The API's description, OpenAPI 3.1: openapi.json, as it was when the program was built.
#pragma once

#include <string_view>

namespace tango::api::v1 {

extern const std::string_view kOpenApiJson;

}  // namespace tango::api::v1
