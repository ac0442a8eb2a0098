#include "config/schema.hpp"

#include <algorithm>
#include <set>

#include "config/near_miss.hpp"

namespace tango::config {
namespace {

std::string joined(const std::string& table, const std::string& key) {
  return table.empty() ? key : table + "." + key;
}

template <class T>
const T* named(const std::vector<T>& all, const std::string& name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&name](const T& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

const Field* fieldOf(const Section* section, const std::string& key) {
  if (section == nullptr) {
    return nullptr;
  }
  const auto found = std::find_if(section->fields.begin(), section->fields.end(),
                                  [&key](const Field& field) { return field.key == key; });
  return found == section->fields.end() ? nullptr : &*found;
}

// As much of an unknown key as a person needs to find it.
std::string shortened(const std::string& key) {
  constexpr std::size_t kBytesMax = 64;
  return key.size() <= kBytesMax ? tomlKey(key) : tomlKey(key.substr(0, kBytesMax)) + "...";
}

class Reader {
 public:
  Reader(Schema& schema, const std::string& name) : schema_(schema), name_(name) {}

  void readSection(const Table& table, const std::string& at) {
    for (const Entry& entry : table) {
      readEntry(entry, at, named(schema_.sections, at));
    }
  }

  std::vector<std::string> problems() && {
    std::sort(problems_.begin(), problems_.end());
    std::vector<std::string> lines;
    for (const auto& [line, what] : problems_) {
      lines.push_back(atLine(name_, line, what));
    }
    return lines;
  }

 private:
  void note(std::size_t line, std::string what) { problems_.emplace_back(line, std::move(what)); }

  void readEntry(const Entry& entry, const std::string& at, const Section* section) {
    const std::string full = joined(at, entry.key);
    if (const Field* const field = fieldOf(section, entry.key)) {
      readField(*field, entry, full);
    } else if (const SectionList* const list = named(schema_.lists, full)) {
      readList(*list, entry);
    } else if (const NameMap* const map = named(schema_.maps, full)) {
      readMap(*map, entry);
    } else if (!isTable(full)) {
      note(entry.line, unknown(entry.key, at, section));
    } else if (const auto* const table = entry.value.as<Table>()) {
      readSection(*table, full);
    } else {
      note(entry.line, full + " is to be a table: [" + full + "]");
    }
  }

  void readField(const Field& field, const Entry& entry, const std::string& full) {
    const std::string wanted = field.read(entry.value);
    if (!wanted.empty()) {
      note(entry.line, full + " is to be " + wanted + "; this is " + found(entry.value));
    }
  }

  static std::string found(const Node& node) {
    const auto* const text = node.as<std::string>();
    return text != nullptr && text->empty() ? "an empty string" : std::string(kindOf(node));
  }

  void readList(const SectionList& list, const Entry& entry) {
    const auto* array = entry.value.as<Array>();
    list.clear();
    for (const Node& item : array == nullptr ? Array() : *array) {
      const auto* const table = item.as<Table>();
      if (table == nullptr) {
        array = nullptr;
        break;
      }
      readElement(list, *table, item.line);
    }
    if (array == nullptr) {
      note(entry.line, list.name + " is to be a list of tables: [[" + list.name + "]]");
    }
  }

  void readElement(const SectionList& list, const Table& table, std::size_t line) {
    const Section section = list.append();
    std::set<std::string> given;
    for (const Entry& entry : table) {
      readEntry(entry, list.name, &section);
      given.insert(entry.key);
    }
    for (const Field& field : section.fields) {
      if (field.required && !given.contains(field.key)) {
        note(line, "[[" + list.name + "]] lacks " + field.key);
      }
    }
  }

  void readMap(const NameMap& map, const Entry& entry) {
    const auto* const table = entry.value.as<Table>();
    if (table == nullptr) {
      note(entry.line, map.name + " is to be a table: [" + map.name + "]");
      return;
    }
    map.into->clear();
    for (const Entry& pair : *table) {
      const auto* const value = pair.value.as<std::string>();
      if (!isName(pair.key) || value == nullptr || !isName(*value)) {
        note(pair.line, "[" + map.name + "] has lines NAME = \"NAME\"; a name is 1 to 255 bytes " +
                            "without control characters");
      } else {
        (*map.into)[pair.key] = *value;
      }
    }
  }

  bool isTable(const std::string& full) const {
    return std::any_of(schema_.sections.begin(), schema_.sections.end(),
                       [&full](const Section& section) {
                         return section.name == full || section.name.starts_with(full + ".");
                       });
  }

  // Everything that could stand in the table `at`.
  std::vector<std::string> keysOf(const std::string& at, const Section* section) const {
    std::vector<std::string> keys;
    for (const Field& field : section == nullptr ? std::vector<Field>() : section->fields) {
      keys.push_back(field.key);
    }
    const std::string prefix = at.empty() ? "" : at + ".";
    const auto add = [&](const std::string& name) {
      if (name.starts_with(prefix) && name.size() > prefix.size()) {
        const std::string rest = name.substr(prefix.size());
        keys.push_back(rest.substr(0, rest.find('.')));
      }
    };
    for (const Section& one : schema_.sections) add(one.name);
    for (const SectionList& one : schema_.lists) add(one.name);
    for (const NameMap& one : schema_.maps) add(one.name);
    return keys;
  }

  std::string unknown(const std::string& key, const std::string& at, const Section* section) const {
    const std::string what = "unknown key " + joined(at, shortened(key));
    const std::string near = nearMiss(key, keysOf(at, section));
    if (!near.empty()) {
      return what + "; did you mean " + joined(at, near) + "?";
    }
    for (const Section& other : schema_.sections) {
      if (fieldOf(&other, key) != nullptr && other.name != at) {
        return what + "; did you mean " + joined(other.name, key) + "?";
      }
    }
    return what;
  }

  Schema& schema_;
  const std::string& name_;
  std::vector<std::pair<std::size_t, std::string>> problems_;
};

void show(std::string& toml, const Section& section, const std::string& head) {
  toml += head;
  for (const Field& field : section.fields) {
    toml += field.key + " = " + field.show() + "\n";
  }
}

}  // namespace

std::vector<std::string> readTable(const Table& table, Schema& schema, const std::string& name) {
  Reader reader(schema, name);
  reader.readSection(table, "");
  return std::move(reader).problems();
}

std::string showSchema(const Schema& schema) {
  std::string toml;
  for (const Section& section : schema.sections) {
    show(toml, section, section.name.empty() ? "" : "\n[" + section.name + "]\n");
  }
  for (const NameMap& map : schema.maps) {
    toml += "\n[" + map.name + "]\n";
    for (const auto& [key, value] : *map.into) {
      toml += tomlKey(key) + " = " + tomlText(value) + "\n";
    }
  }
  for (const SectionList& list : schema.lists) {
    for (const Section& element : list.elements()) {
      show(toml, element, "\n[[" + list.name + "]]\n");
    }
  }
  return toml;
}

}  // namespace tango::config
