// The wire: the routes of Tango's clients. `/<verb>/<key>/.../`, answers with HTTP 200 and
// `{"statusId": 0 | -1, "statusMsg": ...}`, failures included.
#pragma once

#include "api/service.hpp"
#include "http/router.hpp"

namespace tango::api {

/// Adds them to `router`. `service` is borrowed for as long as the router is used.
void addWireRoutes(http::Router& router, const Service& service);

}  // namespace tango::api
