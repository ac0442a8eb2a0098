// From a request to its answer: the target is taken apart, the router asked, the handler called.
#pragma once

#include "http/message.hpp"
#include "http/router.hpp"

namespace tango::http {

/// `request` has all but segments and query, which are filled in. 400: a bad target; 404, 405 with
/// Allow; 500: the handler threw, or gave a header that cannot be sent, which is logged with the
/// route's pattern and never with the target, since that has a client's key in it. Both are
/// borrowed until the answer is there.
awaitable<Response> answerTo(const Router& router, Request& request);

}  // namespace tango::http
