#include "api/prealloc_record.hpp"

#include <charconv>

#include <boost/json.hpp>

namespace tango::api {
namespace {

namespace json = boost::json;

std::uint64_t numberIn(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_number()) {
    return 0;
  }
  boost::system::error_code failure;
  const auto number = value->to_number<std::uint64_t>(failure);
  return failure ? 0 : number;
}

std::string textIn(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

}  // namespace

std::pair<std::string, std::string> encodePrealloc(const PreallocRecord& record) {
  const model::MachineSpec& machine = record.key.machine;
  const json::object key = {{"vmms", record.key.vmms},
                            {"image", machine.image},
                            {"cpu_millis", machine.cpu_millis},
                            {"memory_bytes", machine.memory_bytes},
                            {"disk_bytes", machine.disk_bytes},
                            {"disk_inodes", machine.disk_inodes},
                            {"io_bytes_per_second", machine.io_bytes_per_second},
                            {"network", machine.network}};
  return {json::serialize(key), std::to_string(record.vms)};
}

std::optional<PreallocRecord> decodePrealloc(const std::string& key, const std::string& value) {
  boost::system::error_code failure;
  const json::value parsed = json::parse(key, failure);
  const json::object* object = failure ? nullptr : parsed.if_object();
  if (object == nullptr) {
    return std::nullopt;
  }
  PreallocRecord record;
  record.key.vmms = textIn(*object, "vmms");
  model::MachineSpec& machine = record.key.machine;
  machine.image = textIn(*object, "image");
  machine.cpu_millis = numberIn(*object, "cpu_millis");
  machine.memory_bytes = numberIn(*object, "memory_bytes");
  machine.disk_bytes = numberIn(*object, "disk_bytes");
  machine.disk_inodes = numberIn(*object, "disk_inodes");
  machine.io_bytes_per_second = numberIn(*object, "io_bytes_per_second");
  const json::value* network = object->if_contains("network");
  machine.network = network != nullptr && network->is_bool() && network->get_bool();
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), record.vms);
  if (error != std::errc() || end != value.data() + value.size() || machine.image.empty()) {
    return std::nullopt;
  }
  return record;
}

}  // namespace tango::api
