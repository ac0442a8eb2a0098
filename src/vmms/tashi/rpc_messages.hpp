// The two calls of RPyC 3 that Tashi's clients need, and what may come back.
// rpyc/core/protocol.py and vinegar.py of RPyC 3.1.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "vmms/tashi/brine.hpp"

namespace tango::vmms::tashi {

/// Asks for the object whose methods are Tashi's.
[[nodiscard]] std::string rootRequest(std::int64_t sequence);

/// Calls `method` of the object `root_id` with one argument, a text.
[[nodiscard]] std::string callRequest(std::int64_t sequence, std::int64_t root_id,
                                      std::string_view method, std::string_view argument);

/// An answer of the other end to a request.
struct RpcAnswer {
  bool refused = false;
  /// Of a refusal: the exception in RPyC itself, in its words ("AttributeError: no such RPC").
  std::string words;
  /// Else: what it gives, with the label that says how.
  std::int64_t label = 0;
  Brine value;
};

/// kSystem: the message is no answer to the request `sequence`.
base::Result<RpcAnswer> readAnswer(std::string_view message, std::int64_t sequence);

/// The id of the root object from the answer to rootRequest. kSystem: it is none.
base::Result<std::int64_t> rootIdOf(const RpcAnswer& answer);

/// The text from the answer to callRequest. kSystem: it is none.
base::Result<std::string> textOf(const RpcAnswer& answer);

}  // namespace tango::vmms::tashi
