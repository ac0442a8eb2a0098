// A configuration from a text, in one word.
#pragma once

#include <string>

#include <doctest/doctest.h>

#include "config/service_config.hpp"

namespace tango::config {

inline ServiceConfig parsed(const std::string& text) {
  const base::Result<ServiceConfig> config = parseConfig(text, "x.toml");
  INFO((config ? "" : config.error().message()));
  REQUIRE(config.ok());
  return *config;
}

inline std::string problems(const std::string& text) {
  const base::Result<ServiceConfig> config = parseConfig(text, "x.toml");
  REQUIRE_FALSE(config.ok());
  CHECK(config.error().kind() == base::ErrorKind::kInvalid);
  return config.error().message();
}

}  // namespace tango::config
