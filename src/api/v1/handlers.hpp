// One function for each operation of openapi.json, by its operationId. The key has been checked,
// where one is needed.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "api/service.hpp"
#include "http/message.hpp"

namespace tango::api::v1 {

using boost::asio::awaitable;
using http::Request;
using http::Response;

/// Both are borrowed for the call.
using V1Handler = awaitable<Response> (*)(const Service& service, Request& request);

// ---- job_submission.cpp
awaitable<Response> submitJob(const Service& service, Request& request);

// ---- job_handlers.cpp
awaitable<Response> listJobs(const Service& service, Request& request);
awaitable<Response> getJob(const Service& service, Request& request);
awaitable<Response> cancelJob(const Service& service, Request& request);
awaitable<Response> resendCallback(const Service& service, Request& request);
awaitable<Response> listCallbacks(const Service& service, Request& request);

// ---- output_handler.cpp
awaitable<Response> getOutput(const Service& service, Request& request);

// ---- file_handlers.cpp
awaitable<Response> putBlob(const Service& service, Request& request);
awaitable<Response> findMissingBlobs(const Service& service, Request& request);
awaitable<Response> listCourselabs(const Service& service, Request& request);
awaitable<Response> openCourselab(const Service& service, Request& request);
awaitable<Response> listCourselabFiles(const Service& service, Request& request);
awaitable<Response> putCourselabFile(const Service& service, Request& request);

// ---- pool_handlers.cpp
awaitable<Response> listPools(const Service& service, Request& request);
awaitable<Response> setPool(const Service& service, Request& request);
awaitable<Response> listVmms(const Service& service, Request& request);

// ---- host_handlers.cpp
awaitable<Response> listHosts(const Service& service, Request& request);
awaitable<Response> setHost(const Service& service, Request& request);
awaitable<Response> listImages(const Service& service, Request& request);

// ---- service_handlers.cpp
awaitable<Response> getInfo(const Service& service, Request& request);
awaitable<Response> getOpenApi(const Service& service, Request& request);
awaitable<Response> getHealth(const Service& service, Request& request);
awaitable<Response> getReadiness(const Service& service, Request& request);

}  // namespace tango::api::v1
