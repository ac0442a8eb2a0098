#include "api/wire/prealloc_body.hpp"

#include <charconv>
#include <cmath>
#include <map>

#include "api/json_object.hpp"
#include "base/utf8.hpp"

namespace tango::api::wire {
namespace {

namespace json = boost::json;
using base::Error;
using base::ErrorKind;
using base::Result;

constexpr double kAmountMax = 1e9;

Result<std::optional<double>> amountOf(const std::string& field, double amount) {
  // A NaN is neither.
  if (!(amount >= 0 && amount <= kAmountMax)) {
    return Error(ErrorKind::kInvalid, field + " is negative or too large");
  }
  return amount > 0 ? std::optional(amount) : std::nullopt;
}

Result<std::optional<double>> amountIn(const std::string& field, const std::string& text) {
  if (text.empty()) {
    return std::optional<double>();
  }
  double amount = 0;
  const char* end = text.data() + text.size();
  const auto [read_to, failure] = std::from_chars(text.data(), end, amount);
  if (failure != std::errc() || read_to != end) {
    return Error(ErrorKind::kInvalid, field + " is not a number");
  }
  return amountOf(field, amount);
}

Result<std::optional<double>> amountIn(const std::string& field, const json::value* value) {
  if (value == nullptr || value->is_null()) {
    return std::optional<double>();
  }
  if (value->is_string()) {
    return amountIn(field, std::string(value->get_string()));
  }
  if (!value->is_number()) {
    return Error(ErrorKind::kInvalid, field + " is not a number");
  }
  return amountOf(field, value->to_number<double>());
}

// The two shapes differ only in what a field's value is.
template <class Value>
Result<PreallocBody> read(std::string vmms, const Value& cores_value, const Value& memory_value) {
  PreallocBody body;
  body.vmms = std::move(vmms);
  const Result<std::optional<double>> cores = amountIn("cores", cores_value);
  if (!cores) {
    return cores.error();
  }
  body.cores = *cores;
  const Result<std::optional<double>> memory = amountIn("memory", memory_value);
  if (!memory) {
    return memory.error();
  }
  body.memory_mb = *memory;
  return body;
}

Result<PreallocBody> readJson(std::string_view text) {
  const Result<json::object> object = parseObject(text);
  if (!object) {
    return object.error();
  }
  const json::value* vmms = object->if_contains("vmms");
  if (vmms != nullptr && !vmms->is_string() && !vmms->is_null()) {
    return Error(ErrorKind::kInvalid, "vmms is not a string");
  }
  return read(vmms != nullptr && vmms->is_string() ? std::string(vmms->get_string()) : "",
              object->if_contains("cores"), object->if_contains("memory"));
}

// One name or value of a form; what is no escape stays as it is.
std::string decoded(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned byte = 0;
    const char* digits = text.data() + at + 1;
    if (text[at] == '%' && text.size() - at > 2 &&
        std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      plain.push_back(static_cast<char>(byte));
      at += 2;
    } else {
      plain.push_back(text[at] == '+' ? ' ' : text[at]);
    }
  }
  return base::replaceInvalidUtf8(plain);
}

Result<PreallocBody> readForm(std::string_view text) {
  std::map<std::string, std::string> fields;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    fields.insert_or_assign(decoded(pair.substr(0, equals)),
                            decoded(pair.substr(std::min(equals + 1, pair.size()))));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return read(fields["vmms"], fields["cores"], fields["memory"]);
}

}  // namespace

Result<PreallocBody> preallocBodyOf(std::string_view body) {
  const std::size_t begin = body.find_first_not_of(" \t\r\n");
  return begin != std::string_view::npos && body[begin] == '{' ? readJson(body) : readForm(body);
}

}  // namespace tango::api::wire
