// What the handlers of the wire have in common.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "api/service.hpp"
#include "http/router.hpp"

namespace tango::api::wire {

using base::Result;
using boost::asio::awaitable;
using http::Request;
using http::Response;

/// A request's segments are the verb, the key (checked already), and what the route says.
using Verb = std::function<awaitable<Response>(const Service& service, Request& request)>;

/// Adds the route; a wrong key is answered before `verb` is called.
void addVerb(http::Router& router, const Service& service, const char* method, const char* pattern,
             Verb verb);

/// `{"statusId":0,"statusMsg":MESSAGE}`, and what `more` has.
[[nodiscard]] Response good(std::string_view message, boost::json::object more = {});
/// `{"statusId":-1,"statusMsg":MESSAGE}`
[[nodiscard]] Response bad(std::string_view message);
[[nodiscard]] Response answer(boost::json::object object);

/// A whole number of at least 0 in decimal digits; kInvalid names `field`.
[[nodiscard]] Result<std::int64_t> numberFrom(std::string_view text, std::string_view field);

// One function a file of handlers; routes.cpp calls them all.
void addCourselabVerbs(http::Router& router, const Service& service);
void addJobVerbs(http::Router& router, const Service& service);
void addListVerbs(http::Router& router, const Service& service);
void addOutputVerbs(http::Router& router, const Service& service);
void addPoolVerbs(http::Router& router, const Service& service);

}  // namespace tango::api::wire
