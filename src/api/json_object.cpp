#include "api/json_object.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>

namespace tango::api {
namespace {

namespace json = boost::json;
using base::Error;
using base::ErrorKind;
using json::error_code;
using Text = json::string_view;

constexpr std::size_t kDepthMax = 16;

json::parse_options strictly() {
  json::parse_options options;
  options.max_depth = kDepthMax;
  return options;
}

// Takes what the parser finds, and stops it at the first key that its object has already. The names
// of the functions are the parser's.
struct KeyWatch {
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  std::vector<std::set<std::string>> open;  ///< the keys of each object that we are in
  std::string key;                          ///< as far as it has been read; at last the twin

  bool on_object_begin(error_code& /*failure*/) {
    open.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t /*size*/, error_code& /*failure*/) {
    open.pop_back();
    return true;
  }
  bool on_key_part(Text part, std::size_t /*so_far*/, error_code& /*failure*/) {
    key.append(part.data(), part.size());
    return true;
  }
  bool on_key(Text part, std::size_t /*size*/, error_code& failure) {
    key.append(part.data(), part.size());
    if (!open.back().insert(key).second) {
      failure = json::error::exception;
      return false;
    }
    key.clear();
    return true;
  }

  bool on_document_begin(error_code& /*failure*/) { return true; }
  bool on_document_end(error_code& /*failure*/) { return true; }
  bool on_array_begin(error_code& /*failure*/) { return true; }
  bool on_array_end(std::size_t /*size*/, error_code& /*failure*/) { return true; }
  bool on_string_part(Text /*part*/, std::size_t /*so_far*/, error_code& /*failure*/) {
    return true;
  }
  bool on_string(Text /*part*/, std::size_t /*size*/, error_code& /*failure*/) { return true; }
  bool on_number_part(Text /*part*/, error_code& /*failure*/) { return true; }
  bool on_int64(std::int64_t /*number*/, Text /*part*/, error_code& /*failure*/) { return true; }
  bool on_uint64(std::uint64_t /*number*/, Text /*part*/, error_code& /*failure*/) { return true; }
  bool on_double(double /*number*/, Text /*part*/, error_code& /*failure*/) { return true; }
  bool on_bool(bool /*value*/, error_code& /*failure*/) { return true; }
  bool on_null(error_code& /*failure*/) { return true; }
  bool on_comment_part(Text /*part*/, error_code& /*failure*/) { return true; }
  bool on_comment(Text /*part*/, error_code& /*failure*/) { return true; }
};

}  // namespace

base::Result<json::object> parseObject(std::string_view text) {
  error_code failure;
  json::value parsed = json::parse({text.data(), text.size()}, failure, {}, strictly());
  if (failure) {
    return Error(ErrorKind::kInvalid, "the body is not JSON: " + failure.message());
  }
  if (!parsed.is_object()) {
    return Error(ErrorKind::kInvalid, "the body is not a JSON object");
  }
  json::basic_parser<KeyWatch> keys(strictly());
  keys.write_some(false, text.data(), text.size(), failure);
  if (failure) {
    return Error(ErrorKind::kInvalid,
                 "the body has the field '" + keys.handler().key + "' twice in one object");
  }
  return std::move(parsed.get_object());
}

}  // namespace tango::api
