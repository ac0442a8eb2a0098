// A request's body, streamed into the store of contents.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "api/service.hpp"
#include "base/result.hpp"
#include "http/message.hpp"

namespace tango::api {

/// Reads all of `body` with flat memory and keeps it by its hashes. The errors are those of the
/// connection and of the disk; then nothing is kept.
boost::asio::awaitable<base::Result<store::Blob>> storeBody(const Service& service,
                                                            http::BodyReader& body);

}  // namespace tango::api
