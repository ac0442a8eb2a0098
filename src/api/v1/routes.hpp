// The modern API: JSON, keys as bearer tokens, true status codes. openapi.json, beside this file,
// describes it, and a test holds the two together.
#pragma once

#include "api/service.hpp"
#include "http/router.hpp"

namespace tango::api {

/// Adds everything beneath /v1, and /healthz and /readyz. Both are borrowed for the router's life.
void addV1Routes(http::Router& router, Service& service);

}  // namespace tango::api
