#include "images/image_info.hpp"

#include <sys/utsname.h>

#include <boost/json.hpp>

namespace tango::images {
namespace json = boost::json;
namespace {

json::array arrayOf(const std::vector<std::string>& texts) {
  json::array array;
  for (const std::string& text : texts) {
    array.emplace_back(text);
  }
  return array;
}

/// Reads fields one after the other and remembers the first that was missing or ill-typed.
class Fields {
 public:
  explicit Fields(const json::object& object) : object_(object) {}

  std::string text(const char* key) {
    const json::value* value = object_.if_contains(key);
    if (value == nullptr || !value->is_string()) {
      return fail(key);
    }
    return std::string(value->get_string());
  }

  std::uint64_t number(const char* key) {
    const json::value* value = object_.if_contains(key);
    json::error_code failure;
    const auto number = value == nullptr ? 0 : value->to_number<std::uint64_t>(failure);
    if (value == nullptr || failure) {
      fail(key);
    }
    return number;
  }

  std::vector<std::string> texts(const char* key) {
    std::vector<std::string> texts;
    const json::value* value = object_.if_contains(key);
    if (value == nullptr || !value->is_array()) {
      fail(key);
      return texts;
    }
    for (const json::value& item : value->get_array()) {
      if (item.is_string()) {
        texts.emplace_back(item.get_string());
      } else {
        fail(key);
      }
    }
    return texts;
  }

  [[nodiscard]] const std::string& bad() const { return bad_; }

 private:
  std::string fail(const char* key) {
    if (bad_.empty()) {
      bad_ = key;
    }
    return {};
  }

  const json::object& object_;
  std::string bad_;
};

}  // namespace

std::string toJson(const ImageInfo& info) {
  json::object object;
  object["name"] = info.name;
  object["imported_at"] = info.imported_at;
  object["source"] = info.source;
  object["architecture"] = info.architecture;
  object["uid"] = info.uid;
  object["gid"] = info.gid;
  object["bytes"] = info.bytes;
  object["entries"] = info.entries;
  object["env"] = arrayOf(info.environment);
  object["warnings"] = arrayOf(info.warnings);
  return json::serialize(object);
}

Result<ImageInfo> imageInfoFromJson(std::string_view text) {
  json::error_code failure;
  const json::value value = json::parse(json::string_view(text.data(), text.size()), failure);
  if (failure || !value.is_object()) {
    return base::Error(base::ErrorKind::kInvalid, "image.json is not a JSON object");
  }
  Fields fields(value.get_object());
  ImageInfo info;
  info.name = fields.text("name");
  info.imported_at = fields.text("imported_at");
  info.source = fields.text("source");
  info.architecture = fields.text("architecture");
  info.uid = static_cast<uid_t>(fields.number("uid"));
  info.gid = static_cast<gid_t>(fields.number("gid"));
  info.bytes = fields.number("bytes");
  info.entries = fields.number("entries");
  info.environment = fields.texts("env");
  info.warnings = fields.texts("warnings");
  if (!fields.bad().empty()) {
    return base::Error(base::ErrorKind::kInvalid,
                       "image.json: '" + fields.bad() + "' is missing or of the wrong type");
  }
  return info;
}

std::string hostArchitecture() {
  utsname host{};
  ::uname(&host);
  const std::string machine = host.machine;
  if (machine == "x86_64") {
    return "amd64";
  }
  if (machine == "aarch64") {
    return "arm64";
  }
  if (machine.starts_with("armv")) {
    return "arm";
  }
  return machine;
}

}  // namespace tango::images
