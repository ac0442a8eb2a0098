// All tables of the configuration file: each is a list of keys (see field.hpp). A backend's author
// adds a file to sections/ and its function to schemaOf.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "config/field.hpp"
#include "config/service_config.hpp"

namespace tango::config {

/// `[name]`; the one without a name is the top of the file.
struct Section {
  std::string name;
  std::vector<Field> fields;
};

/// `[[name]]`: a table for each element.
struct SectionList {
  std::string name;
  std::function<void()> clear;
  /// The keys of a new element, bound until the next call.
  std::function<Section()> append;
  /// Those of the elements that there are.
  std::function<std::vector<Section>()> elements;
};

/// `[name]` with keys that the administrator chooses, and names as values.
struct NameMap {
  std::string name;
  std::map<std::string, std::string>* into = nullptr;
};

/// What `[vmms.NAME]` configures.
struct BackendEntry {
  std::string name;
  const bool* enabled = nullptr;
};

struct Schema {
  std::vector<Section> sections;
  std::vector<SectionList> lists;
  std::vector<NameMap> maps;
  std::vector<BackendEntry> backends;
};

/// A list whose elements' keys are what `fields` binds.
template <class T>
SectionList listOf(std::string name, std::vector<T>& into,
                   std::function<std::vector<Field>(T& element)> fields) {
  SectionList list;
  list.clear = [&into] { into.clear(); };
  list.append = [name, &into, fields] { return Section{name, fields(into.emplace_back())}; };
  list.elements = [name, &into, fields] {
    std::vector<Section> sections;
    for (T& element : into) {
      sections.push_back({name, fields(element)});
    }
    return sections;
  };
  list.name = std::move(name);
  return list;
}

/// The schema, bound to `config`, which is borrowed.
Schema schemaOf(ServiceConfig& config);

/// Reads `table` into what `schema` is bound to. Every problem is one line, `NAME, line N: ...`, in
/// the order of the lines; empty: none.
std::vector<std::string> readTable(const Table& table, Schema& schema, const std::string& name);

/// Everything that `schema` is bound to, as a TOML file; secrets are masked.
std::string showSchema(const Schema& schema);

}  // namespace tango::config
