#include "api/v1/routes.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "api/v1/problem.hpp"
#include "api/v1/route_table.hpp"
#include "base/ascii.hpp"

namespace tango::api {
namespace {

using boost::asio::awaitable;
using http::Request;
using http::Response;

/// The key of `Authorization: Bearer KEY`; "": there is none.
std::string bearerKey(const Request& request) {
  std::string_view value = request.header("authorization").value_or("");
  static constexpr std::string_view kScheme = "bearer ";
  if (value.size() <= kScheme.size()) {
    return "";
  }
  if (base::lowered(value.substr(0, kScheme.size())) != kScheme) {
    return "";
  }
  value.remove_prefix(kScheme.size());
  value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
  return std::string(value);
}

Response unauthorized(bool presented) {
  v1::Problem problem;
  problem.status = 401;
  problem.detail =
      presented ? "the key is not known" : "the header Authorization: Bearer KEY is missing";
  problem.headers.emplace_back(
      "WWW-Authenticate",
      presented ? R"(Bearer realm="tango", error="invalid_token")" : R"(Bearer realm="tango")");
  return v1::answer(std::move(problem));
}

awaitable<Response> guarded(const Service& service, Request& request, v1::V1Handler handler) {
  const std::string key = bearerKey(request);
  if (key.empty()) {
    co_return unauthorized(false);
  }
  const bool known = co_await service.keys.check(key, request.client);
  if (!known) {
    co_return unauthorized(true);
  }
  Response response = co_await handler(service, request);
  co_return response;
}

}  // namespace

std::span<const v1::V1Route> v1::routeTable() {
  static constexpr std::array kRoutes = {
      V1Route{"POST", "/v1/jobs", submitJob},
      V1Route{"GET", "/v1/jobs", listJobs},
      V1Route{"GET", "/v1/jobs/{id}", getJob},
      V1Route{"POST", "/v1/jobs/{id}/cancel", cancelJob},
      V1Route{"GET", "/v1/jobs/{id}/output", getOutput},
      V1Route{"POST", "/v1/jobs/{id}/callback", resendCallback},
      V1Route{"GET", "/v1/callbacks", listCallbacks},
      V1Route{"PUT", "/v1/blobs/{sha256}", putBlob},
      V1Route{"POST", "/v1/blobs/missing", findMissingBlobs},
      V1Route{"GET", "/v1/courselabs", listCourselabs},
      V1Route{"PUT", "/v1/courselabs/{lab}", openCourselab},
      V1Route{"GET", "/v1/courselabs/{lab}/files", listCourselabFiles},
      V1Route{"PUT", "/v1/courselabs/{lab}/files/{name}", putCourselabFile},
      V1Route{"GET", "/v1/pools", listPools},
      V1Route{"PUT", "/v1/pools", setPool},
      V1Route{"GET", "/v1/images", listImages},
      V1Route{"GET", "/v1/vmms", listVmms},
      V1Route{"GET", "/v1/hosts", listHosts},
      V1Route{"PUT", "/v1/hosts", setHost},
      V1Route{"GET", "/v1/info", getInfo},
      V1Route{"GET", "/v1/openapi.json", getOpenApi, Access::kOpen},
      V1Route{"GET", "/healthz", getHealth, Access::kOpen},
      V1Route{"GET", "/readyz", getReadiness, Access::kOpen},
  };
  return kRoutes;
}

void addV1Routes(http::Router& router, Service& service) {
  router.tellFailures("v1", [](int status, std::string_view message) {
    v1::Problem problem;
    problem.status = status;
    problem.detail = message;
    return v1::answer(std::move(problem));
  });
  for (const v1::V1Route& route : v1::routeTable()) {
    if (route.access == v1::Access::kOpen) {
      router.add(route.method, route.pattern,
                 [&service, &route](Request& request) { return route.handler(service, request); });
    } else {
      router.add(route.method, route.pattern, [&service, &route](Request& request) {
        return guarded(service, request, route.handler);
      });
    }
  }
}

}  // namespace tango::api
