// The fields that a packet's body is made of: numbers as eight bytes in the machine's own order
// (both ends are on one machine), strings and lists behind their length.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tango::sandbox::packet {

class Writer {
 public:
  void number(std::uint64_t value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    body_.append(bytes, sizeof value);
  }
  void flag(bool value) { number(value ? 1 : 0); }
  void text(std::string_view value) {
    number(value.size());
    body_.append(value);
  }
  void maybe(const std::optional<std::uint64_t>& value) {
    flag(value.has_value());
    number(value.value_or(0));
  }
  [[nodiscard]] std::string take() { return std::move(body_); }

 private:
  std::string body_;
};

// Reads what Writer wrote; after the first thing that does not fit everything reads as empty and
// `ok` is false.
class Reader {
 public:
  explicit Reader(std::string_view body) : rest_(body) {}

  std::uint64_t number() {
    std::uint64_t value = 0;
    if (rest_.size() < sizeof value) {
      refuse();
      return 0;
    }
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
    return value;
  }
  /// A number that was a `Number`: one that is cut to fit would be another user, or another status.
  template <class Number>
  Number numberOf() {
    const std::uint64_t value = number();
    const auto narrow = static_cast<Number>(value);
    if (static_cast<std::uint64_t>(narrow) != value) {
      refuse();
    }
    return narrow;
  }
  bool flag() {
    const std::uint64_t value = number();
    if (value > 1) {
      refuse();
    }
    return value == 1;
  }
  std::string text() {
    const std::uint64_t size = number();
    if (size > rest_.size()) {
      refuse();
      return {};
    }
    std::string value(rest_.substr(0, static_cast<std::size_t>(size)));
    rest_.remove_prefix(static_cast<std::size_t>(size));
    return value;
  }
  std::optional<std::uint64_t> maybe() {
    const bool present = flag();
    const std::uint64_t value = number();
    if (!present && value != 0) {
      refuse();
    }
    return present ? std::optional(value) : std::nullopt;
  }
  /// Calls `each` as often as the list is long; stops early when the body ends.
  template <class Each>
  void list(Each each) {
    for (std::uint64_t left = number(); left > 0 && ok_; --left) {
      each();
    }
  }
  [[nodiscard]] bool complete() const { return ok_ && rest_.empty(); }

 private:
  void refuse() {
    ok_ = false;
    rest_ = {};
  }

  std::string_view rest_;
  bool ok_ = true;
};

/// `value`, if all of the body was read and nothing else; kInvalid names `what` it is not.
template <class T>
base::Result<T> checked(const Reader& reader, T value, const char* what) {
  if (!reader.complete()) {
    return base::Error(base::ErrorKind::kInvalid,
                       std::string("a packet is not a well-formed ") + what);
  }
  return value;
}

}  // namespace tango::sandbox::packet
