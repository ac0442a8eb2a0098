// The API's description and the API are the same.
#include <map>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "api/v1/openapi.hpp"
#include "api/v1/route_table.hpp"

namespace tango::api::v1 {
namespace {

using boost::json::object;
using boost::json::value;

const value& document() {
  static const value parsed = boost::json::parse(kOpenApiJson);
  return parsed;
}

/// "GET /v1/jobs" and so on, with its description.
std::map<std::string, object> describedOperations() {
  std::map<std::string, object> operations;
  for (const auto& [path, methods] : document().at("paths").as_object()) {
    for (const auto& [method, operation] : methods.as_object()) {
      std::string name(method);
      for (char& c : name) {
        c = static_cast<char>(c - 'a' + 'A');
      }
      operations[name + " " + std::string(path)] = operation.as_object();
    }
  }
  return operations;
}

std::set<std::string> parametersIn(const object& operation, const char* place) {
  std::set<std::string> names;
  if (const value* parameters = operation.if_contains("parameters")) {
    for (const value& parameter : parameters->as_array()) {
      if (parameter.at("in") == place) {
        names.emplace(parameter.at("name").as_string());
      }
    }
  }
  return names;
}

std::set<std::string> namesInBraces(std::string_view pattern) {
  std::set<std::string> names;
  for (std::size_t open = pattern.find('{'); open != std::string_view::npos;
       open = pattern.find('{', open + 1)) {
    names.emplace(pattern.substr(open + 1, pattern.find('}', open) - open - 1));
  }
  return names;
}

/// Every "$ref" beneath `part`.
void collectReferences(const value& part, std::set<std::string>& into) {
  if (const object* fields = part.if_object()) {
    for (const auto& [key, inner] : *fields) {
      if (key == "$ref") {
        into.emplace(inner.as_string());
      }
      collectReferences(inner, into);
    }
  } else if (const boost::json::array* items = part.if_array()) {
    for (const value& inner : *items) {
      collectReferences(inner, into);
    }
  }
}

TEST_CASE("every route is described, and every description has its route") {
  std::set<std::string> described;
  for (const auto& [name, operation] : describedOperations()) {
    described.insert(name);
  }
  std::set<std::string> routed;
  for (const V1Route& route : routeTable()) {
    CHECK(routed.insert(std::string(route.method) + " " + route.pattern).second);
  }
  CHECK(described == routed);
}

TEST_CASE("a description says whether a key is needed, as the route has it") {
  const auto operations = describedOperations();
  for (const V1Route& route : routeTable()) {
    const std::string name = std::string(route.method) + " " + route.pattern;
    CAPTURE(name);
    const object& operation = operations.at(name);
    const bool open = route.access == Access::kOpen;
    CHECK(operation.contains("security") == open);
    CHECK(operation.at("responses").as_object().contains("401") == !open);
  }
  CHECK(document().at("security").at(0).as_object().contains("key"));
}

TEST_CASE("every operation says what it answers, when it goes well and when it does not") {
  std::set<std::string> ids;
  for (const auto& [name, operation] : describedOperations()) {
    CAPTURE(name);
    CHECK(ids.emplace(operation.at("operationId").as_string()).second);
    const object& responses = operation.at("responses").as_object();
    bool good = false;
    for (const auto& [status, response] : responses) {
      good = good || status.starts_with('2');
    }
    CHECK(good);
    CHECK(responses.contains("500"));
    if (operation.contains("requestBody")) {
      CHECK(responses.contains("400"));
      CHECK(responses.contains("413"));
    }
    if (!parametersIn(operation, "query").empty() || !parametersIn(operation, "path").empty()) {
      CHECK(responses.contains("400"));
    }
  }
}

TEST_CASE("every parameter of a path is described") {
  for (const auto& [name, operation] : describedOperations()) {
    CAPTURE(name);
    CHECK(parametersIn(operation, "path") == namesInBraces(name));
  }
}

TEST_CASE("every reference leads somewhere, and everything is referred to") {
  std::set<std::string> references;
  collectReferences(document(), references);
  std::set<std::string> components;
  for (const char* kind : {"schemas", "responses"}) {
    for (const auto& [name, ignored] : document().at("components").at(kind).as_object()) {
      components.insert("#/components/" + std::string(kind) + "/" + std::string(name));
    }
  }
  CHECK(references == components);
}

}  // namespace
}  // namespace tango::api::v1
