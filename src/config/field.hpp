// One key of the configuration file and the variable that it sets. A key is declared once, and from
// that it is read, checked, shown and listed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "config/document.hpp"

namespace tango::config {

struct Field {
  std::string key;
  /// Sets the variable. "" is good; else what the value is to be ("a whole number from 0 to 9"),
  /// and the variable is as it was. Never quotes the value.
  std::function<std::string(const Node& node)> read;
  /// The variable's value as TOML; a secret is masked.
  std::function<std::string()> show;
  bool required = false;
};

// Each of these binds `into`, which is borrowed for as long as the field is used.

Field flag(std::string key, bool& into);

Field wholeNumber(std::string key, std::uint64_t min, std::uint64_t max,
                  std::function<void(std::uint64_t)> set, std::function<std::uint64_t()> get);
template <class T>
Field whole(std::string key, T& into, std::uint64_t min, std::uint64_t max) {
  return wholeNumber(
      std::move(key), min, max, [&into](std::uint64_t value) { into = static_cast<T>(value); },
      [&into] { return static_cast<std::uint64_t>(into); });
}

inline constexpr base::Millis kSecond{1'000};
inline constexpr base::Millis kDay{86'400'000};
/// A number of seconds, or a string such as "10s", "5m", "2h", "30d".
Field duration(std::string key, base::Millis& into, base::Millis min, base::Millis max);

inline constexpr std::uint64_t kSizeMax = 1ULL << 62;
Field sizeInBytes(std::string key, std::uint64_t min, std::uint64_t max,
                  std::function<void(std::uint64_t)> set, std::function<std::uint64_t()> get);
/// A number of bytes, or a string such as "512MiB".
template <class T>
Field size(std::string key, T& into, std::uint64_t min, std::uint64_t max = kSizeMax) {
  return sizeInBytes(
      std::move(key), min, max, [&into](std::uint64_t value) { into = static_cast<T>(value); },
      [&into] { return static_cast<std::uint64_t>(into); });
}

enum class ZeroCores { kAllowed, kRefused };
/// A number of cores such as 1.5, kept in thousandths.
Field cores(std::string key, std::uint64_t& millis_of_a_core, ZeroCores zero);

/// A string on which there is no other rule than that it has no control characters.
Field text(std::string key, std::string& into);
/// The same that is not empty, and at most `bytes_max` long.
Field name(std::string key, std::string& into, std::size_t bytes_max = 255);
/// Letters, digits, '-', '_' and '.'; not empty, at most 64.
Field plainName(std::string key, std::string& into);
/// An absolute path, or "" for none.
Field path(std::string key, std::string& into);
Field path(std::string key, std::filesystem::path& into);
Field names(std::string key, std::vector<std::string>& into);
/// Names that are shown as "***" each.
Field secrets(std::string key, std::vector<std::string>& into);

/// A field that must be there, in a table of a list.
inline Field required(Field field) {
  field.required = true;
  return field;
}

/// The same as the field that `of` makes of a T&, and "unlimited" for none.
template <class T>
Field cap(std::optional<T>& into, std::function<Field(T& into)> of) {
  T sample{};
  Field field = of(sample);
  field.read = [&into, of](const Node& node) -> std::string {
    if (const auto* const word = node.as<std::string>(); word != nullptr && *word == "unlimited") {
      into.reset();
      return "";
    }
    T value{};
    const std::string wanted = of(value).read(node);
    if (!wanted.empty()) {
      return wanted + ", or \"unlimited\"";
    }
    into = value;
    return "";
  };
  field.show = [&into, of]() -> std::string {
    if (!into) {
      return "\"unlimited\"";
    }
    T value = *into;
    return of(value).show();
  };
  return field;
}

/// `text` as a TOML string in double quotes.
[[nodiscard]] std::string tomlText(std::string_view text);
/// `text` as a TOML key: bare where that is possible.
[[nodiscard]] std::string tomlKey(std::string_view text);
/// Whether a text is not empty, at most `bytes_max` long, and free of control characters.
[[nodiscard]] bool isName(std::string_view text, std::size_t bytes_max = 255);

}  // namespace tango::config
