// packaging/tango.toml is the reference of the configuration, and cannot be anything else.
#include <fstream>
#include <set>
#include <sstream>

#include <doctest/doctest.h>

#include "config/document.hpp"
#include "config/schema.hpp"
#include "unit/config/config_text.hpp"

namespace tango::config {
namespace {

enum class Examples { kLeft, kTaken };

// The file as an administrator has it who took the # away from every key.
std::string uncommented(Examples examples) {
  std::ifstream file(TANGO_REFERENCE_TOML);
  REQUIRE(file.good());
  std::string text;
  for (std::string line; std::getline(file, line);) {
    const bool key = line.size() > 1 && line[0] == '#' && line[1] != ' ';
    const bool example = line.starts_with("#   ") && examples == Examples::kTaken;
    text += key ? line.substr(1) : example ? line.substr(4) : line;
    text += '\n';
  }
  return text;
}

// `table.key` of every value in a document.
void collect(const Table& table, const std::string& at, std::set<std::string>& keys) {
  for (const Entry& entry : table) {
    if (const auto* const inner = entry.value.as<Table>()) {
      collect(*inner, at + entry.key + ".", keys);
    } else if (const auto* const list = entry.value.as<Array>();
               list != nullptr && !list->empty() && list->front().as<Table>() != nullptr) {
      collect(*list->front().as<Table>(), at + entry.key + ".", keys);
    } else {
      keys.insert(at + entry.key);
    }
  }
}

TEST_CASE("the reference with every key uncommented is exactly the defaults") {
  CHECK(showConfig(parsed(uncommented(Examples::kLeft))) == showConfig(ServiceConfig()));
}

TEST_CASE("the reference as it is shipped is the defaults too") {
  std::ifstream file(TANGO_REFERENCE_TOML);
  std::stringstream text;
  text << file.rdbuf();
  CHECK(showConfig(parsed(text.str())) == showConfig(ServiceConfig()));
}

TEST_CASE("the reference has every key of the reader") {
  const base::Result<Table> table = parseToml(uncommented(Examples::kTaken), "reference");
  REQUIRE(table.ok());
  std::set<std::string> documented;
  collect(*table, "", documented);
  ServiceConfig config;
  config.prealloc.emplace_back();
  config.dist_docker.hosts.emplace_back();
  config.ec2_ssh.images.emplace_back();
  const Schema schema = schemaOf(config);
  std::vector<Section> sections = schema.sections;
  for (const SectionList& list : schema.lists) {
    INFO(list.name);
    for (const Section& element : list.elements()) {
      sections.push_back(element);
    }
  }
  for (const Section& section : sections) {
    for (const Field& field : section.fields) {
      const std::string key = section.name.empty() ? field.key : section.name + "." + field.key;
      CAPTURE(key);
      CHECK(documented.contains(key));
    }
  }
  for (const NameMap& map : schema.maps) {
    CAPTURE(map.name);
    CHECK(documented.lower_bound(map.name + ".") != documented.end());
  }
}

TEST_CASE("the reference's examples are good") {
  const ServiceConfig config = parsed(uncommented(Examples::kTaken));
  CHECK(config.prealloc.size() == 1);
  CHECK(config.dist_docker.hosts.size() == 1);
  CHECK(config.ec2_ssh.images.size() == 1);
  CHECK_FALSE(config.vmms_of_image.empty());
}

}  // namespace
}  // namespace tango::config
