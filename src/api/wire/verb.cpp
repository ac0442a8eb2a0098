#include "api/wire/verb.hpp"

#include <charconv>

#include <boost/json/serialize.hpp>

namespace tango::api::wire {

void addVerb(http::Router& router, const Service& service, const char* method, const char* pattern,
             Verb verb) {
  router.add(
      method, pattern, [&service, verb = std::move(verb)](Request& request) -> awaitable<Response> {
        const bool known = co_await service.keys.check(request.segments.at(1), request.client);
        if (!known) {
          co_return bad("Key not recognized");
        }
        Response response = co_await verb(service, request);
        co_return response;
      });
}

Response answer(boost::json::object object) {
  Response response;
  response.body = boost::json::serialize(object);
  return response;
}

Response good(std::string_view message, boost::json::object more) {
  boost::json::object object = {{"statusId", 0}, {"statusMsg", message}};
  for (auto& [name, value] : more) {
    object[name] = std::move(value);
  }
  return answer(std::move(object));
}

Response bad(std::string_view message) {
  return answer({{"statusId", -1}, {"statusMsg", message}});
}

Result<std::int64_t> numberFrom(std::string_view text, std::string_view field) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) {
    return base::Error(base::ErrorKind::kInvalid,
                       std::string(field) + " is not a number: " + std::string(text));
  }
  return number;
}

}  // namespace tango::api::wire
