#include "config/field.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/ascii.hpp"
#include "config/amounts.hpp"

namespace tango::config {
namespace {

bool isPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

// The number that an integer or a real is; NaN where it is neither.
double numberOf(const Node& node) {
  if (const auto* const whole = node.as<std::int64_t>()) {
    return static_cast<double>(*whole);
  }
  const auto* const real = node.as<double>();
  return real == nullptr ? std::nan("") : *real;
}

std::optional<base::Millis> durationOf(const Node& node) {
  const auto* const text = node.as<std::string>();
  return text == nullptr ? config::durationOf(numberOf(node)) : config::durationOf(*text);
}

std::optional<std::uint64_t> sizeOf(const Node& node) {
  if (const auto* const text = node.as<std::string>()) {
    return config::sizeOf(*text);
  }
  const auto* const whole = node.as<std::int64_t>();
  return whole == nullptr || *whole < 0 ? std::nullopt
                                        : std::optional(static_cast<std::uint64_t>(*whole));
}

std::string amountToml(const std::string& amount) {
  return amount == "0" ? amount : tomlText(amount);
}

Field textThat(std::string key, std::string& into, std::string wanted,
               std::function<bool(const std::string&)> fits) {
  Field field;
  field.key = std::move(key);
  field.read = [&into, wanted = std::move(wanted), fits = std::move(fits)](const Node& node) {
    const auto* const text = node.as<std::string>();
    if (text == nullptr || !fits(*text)) {
      return wanted;
    }
    into = *text;
    return std::string();
  };
  field.show = [&into] { return tomlText(into); };
  return field;
}

bool isPath(const std::string& text) {
  return text.empty() || (text[0] == '/' && text.find('\0') == std::string::npos);
}

constexpr const char* kPath = "an absolute path such as \"/etc/tango/file\", or \"\" for none";

std::string shownList(const std::vector<std::string>& texts, bool secret) {
  std::string shown = "[";
  for (const std::string& text : texts) {
    shown += (shown.size() > 1 ? ", " : "") + (secret ? std::string("\"***\"") : tomlText(text));
  }
  return shown + "]";
}

Field listOfNames(std::string key, std::vector<std::string>& into, bool secret) {
  Field field;
  field.key = std::move(key);
  field.read = [&into](const Node& node) -> std::string {
    std::vector<std::string> read;
    const auto* array = node.as<Array>();
    for (const Node& item : array == nullptr ? Array() : *array) {
      const auto* const text = item.as<std::string>();
      if (text == nullptr || !isName(*text)) {
        array = nullptr;
        break;
      }
      read.push_back(*text);
    }
    if (array == nullptr) {
      return "a list of strings, none of them empty or with control characters";
    }
    into = std::move(read);
    return "";
  };
  field.show = [&into, secret] { return shownList(into, secret); };
  return field;
}

}  // namespace

bool isName(std::string_view text, std::size_t bytes_max) {
  return !text.empty() && text.size() <= bytes_max &&
         std::none_of(text.begin(), text.end(), base::isControl);
}

std::string tomlText(std::string_view text) {
  std::string toml = "\"";
  for (const char c : text) {
    if (base::isControl(c)) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04X", static_cast<unsigned>(c));
      toml += escape;
    } else {
      toml += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    }
  }
  return toml + "\"";
}

std::string tomlKey(std::string_view text) {
  const bool bare = !text.empty() && std::all_of(text.begin(), text.end(), isPlain);
  return bare ? std::string(text) : tomlText(text);
}

Field flag(std::string key, bool& into) {
  Field field;
  field.key = std::move(key);
  field.read = [&into](const Node& node) -> std::string {
    const auto* const value = node.as<bool>();
    if (value == nullptr) {
      return "true or false";
    }
    into = *value;
    return "";
  };
  field.show = [&into] { return std::string(into ? "true" : "false"); };
  return field;
}

Field wholeNumber(std::string key, std::uint64_t min, std::uint64_t max,
                  std::function<void(std::uint64_t)> set, std::function<std::uint64_t()> get) {
  Field field;
  field.key = std::move(key);
  field.read = [min, max, set = std::move(set)](const Node& node) -> std::string {
    const auto* const whole = node.as<std::int64_t>();
    const auto value = whole == nullptr ? 0 : static_cast<std::uint64_t>(*whole);
    if (whole == nullptr || *whole < 0 || value < min || value > max) {
      return "a whole number from " + std::to_string(min) + " to " + std::to_string(max);
    }
    set(value);
    return "";
  };
  field.show = [get = std::move(get)] { return std::to_string(get()); };
  return field;
}

Field duration(std::string key, base::Millis& into, base::Millis min, base::Millis max) {
  Field field;
  field.key = std::move(key);
  field.read = [&into, min, max](const Node& node) -> std::string {
    const std::optional<base::Millis> value = durationOf(node);
    if (!value || *value < min || *value > max) {
      return "a number of seconds, or a string such as \"90s\", \"5m\", \"2h\", \"30d\", from " +
             durationText(min) + " to " + durationText(max);
    }
    into = *value;
    return "";
  };
  field.show = [&into] { return amountToml(durationText(into)); };
  return field;
}

Field sizeInBytes(std::string key, std::uint64_t min, std::uint64_t max,
                  std::function<void(std::uint64_t)> set, std::function<std::uint64_t()> get) {
  Field field;
  field.key = std::move(key);
  field.read = [min, max, set = std::move(set)](const Node& node) -> std::string {
    const std::optional<std::uint64_t> value = sizeOf(node);
    if (!value || *value < min || *value > max) {
      return "a number of bytes, or a string such as \"64KiB\", \"512MiB\", \"2GiB\", from " +
             sizeText(min) + " to " + sizeText(max);
    }
    set(*value);
    return "";
  };
  field.show = [get = std::move(get)] { return amountToml(sizeText(get())); };
  return field;
}

Field cores(std::string key, std::uint64_t& millis_of_a_core, ZeroCores zero) {
  Field field;
  field.key = std::move(key);
  field.read = [&millis_of_a_core, zero](const Node& node) -> std::string {
    constexpr double kCoresMax = 4096;
    const double number = numberOf(node);
    const double millis = std::round(number * 1000);
    if (!(number >= 0) || number > kCoresMax || (millis == 0 && zero == ZeroCores::kRefused)) {
      return zero == ZeroCores::kRefused ? "a number of cores such as 1.5, above 0 and at most 4096"
                                         : "a number of cores such as 1.5, from 0 to 4096";
    }
    millis_of_a_core = static_cast<std::uint64_t>(millis);
    return "";
  };
  field.show = [&millis_of_a_core] {
    char shown[32];
    std::snprintf(shown, sizeof shown, "%.15g", static_cast<double>(millis_of_a_core) / 1000);
    return std::string(shown);
  };
  return field;
}

Field text(std::string key, std::string& into) {
  return textThat(std::move(key), into, "a string without control characters",
                  [](const std::string& value) { return value.empty() || isName(value, 4096); });
}

Field name(std::string key, std::string& into, std::size_t bytes_max) {
  return textThat(
      std::move(key), into,
      "a string of 1 to " + std::to_string(bytes_max) + " bytes without control characters",
      [bytes_max](const std::string& value) { return isName(value, bytes_max); });
}

Field plainName(std::string key, std::string& into) {
  return textThat(std::move(key), into, "1 to 64 letters, digits, '-', '_' and '.'",
                  [](const std::string& value) {
                    return isName(value, 64) && std::all_of(value.begin(), value.end(), [](char c) {
                             return isPlain(c) || c == '.';
                           });
                  });
}

Field path(std::string key, std::string& into) {
  return textThat(std::move(key), into, kPath, isPath);
}

Field path(std::string key, std::filesystem::path& into) {
  Field field;
  field.key = std::move(key);
  field.read = [&into](const Node& node) -> std::string {
    const auto* const value = node.as<std::string>();
    if (value == nullptr || !isPath(*value)) {
      return kPath;
    }
    into = *value;
    return "";
  };
  field.show = [&into] { return tomlText(into.native()); };
  return field;
}

Field names(std::string key, std::vector<std::string>& into) {
  return listOfNames(std::move(key), into, false);
}

Field secrets(std::string key, std::vector<std::string>& into) {
  return listOfNames(std::move(key), into, true);
}

}  // namespace tango::config
