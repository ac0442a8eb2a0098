// Either a value or an Error, for every failure that is expected to happen. It cannot be ignored
// (the class is [[nodiscard]]), and reading the side that is not there is a broken promise.
#pragma once

#include <optional>
#include <utility>
#include <variant>

#include "base/assert.hpp"
#include "base/error.hpp"

namespace tango::base {

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit

  [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }

  [[nodiscard]] T& value() & {
    TANGO_ASSERT(ok(), "the value of a failed Result");
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] const T& value() const& {
    TANGO_ASSERT(ok(), "the value of a failed Result");
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] T&& value() && { return std::move(value()); }
  [[nodiscard]] const Error& error() const {
    TANGO_ASSERT(!ok(), "the error of a good Result");
    return *std::get_if<1>(&state_);
  }

  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(value()); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit

  [[nodiscard]] bool ok() const noexcept { return !error_.has_value(); }
  explicit operator bool() const noexcept { return ok(); }
  [[nodiscard]] const Error& error() const {
    TANGO_ASSERT(!ok(), "the error of a good Result");
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

}  // namespace tango::base
