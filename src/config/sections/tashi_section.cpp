// [vmms.tashiSSH].
#include <algorithm>

#include "config/sections/sections.hpp"

namespace tango::config {
namespace {

constexpr std::uint64_t kPortMax = 65'535;
// Tashi's own numbers are signed.
constexpr std::uint64_t kNumberMax = 2'147'483'647;
constexpr std::uint64_t kCoresMax = 1'024;
constexpr std::uint64_t kMemoryMax = 1ULL << 40;
constexpr std::uint64_t kVmsMax = 100'000;
constexpr base::Millis kHour = 3'600 * kSecond;

bool isLetterOrDigit(char each) {
  return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') ||
         (each >= '0' && each <= '9');
}

// A domain of DNS behind a dot, or "".
bool isDomain(const std::string& text) {
  return text.empty() || (text.front() == '.' && text.size() <= 190 && text.size() > 1 &&
                          text.find("..") == std::string::npos &&
                          std::all_of(text.begin(), text.end(), [](char each) {
                            return isLetterOrDigit(each) || each == '.' || each == '-';
                          }));
}

Field domainField(std::string& into) {
  Field field = text("domain", into);
  field.read = [&into](const Node& node) -> std::string {
    const auto* const value = node.as<std::string>();
    if (value == nullptr || !isDomain(*value)) {
      return "a domain behind a dot, such as \".vmnet\", or \"\"";
    }
    into = *value;
    return "";
  };
  return field;
}

Field addressField(bool& by_ip) {
  return {"address",
          [&by_ip](const Node& node) -> std::string {
            const auto* const value = node.as<std::string>();
            if (value == nullptr || (*value != "name" && *value != "ip")) {
              return "\"name\" or \"ip\"";
            }
            by_ip = *value == "ip";
            return "";
          },
          [&by_ip]() -> std::string { return by_ip ? "\"ip\"" : "\"name\""; }};
}

}  // namespace

void addTashiSsh(Schema& schema, ServiceConfig& config) {
  TashiSsh& tashi = config.tashi_ssh;
  schema.sections.push_back(
      {"vmms.tashiSSH",
       {flag("enabled", tashi.enabled), name("host", tashi.host),
        whole("port", tashi.port, 1, kPortMax), path("image_folder", tashi.image_folder),
        names("suspended_images", tashi.suspended_images),
        whole("network", tashi.network, 0, kNumberMax),
        whole("user_id", tashi.user_id, 0, kNumberMax), whole("cores", tashi.cores, 1, kCoresMax),
        size("system_memory", tashi.system_memory_bytes, 0, kMemoryMax),
        plainName("user", tashi.user), whole("ssh_port", tashi.ssh_port, 1, kPortMax),
        path("ssh_key", tashi.ssh_key), path("ssh_config", tashi.ssh_config),
        addressField(tashi.by_ip), domainField(tashi.domain),
        whole("vms_max", tashi.vms_max, 1, kVmsMax),
        duration("answer_timeout", tashi.answer_timeout, kSecond, kHour),
        duration("wait_vm_timeout", tashi.wait_vm_timeout, kSecond, kDay),
        duration("reattach_timeout", tashi.reattach_timeout, base::Millis(0), kDay)}});
  schema.backends.push_back({"tashiSSH", &tashi.enabled});
}

}  // namespace tango::config
