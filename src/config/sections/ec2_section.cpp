// [vmms.ec2SSH] and [[vmms.ec2SSH.image]].
#include <algorithm>
#include <functional>

#include "config/sections/sections.hpp"

namespace tango::config {
namespace {

// Instances are counted in dollars; more is a slip of the finger.
constexpr std::uint64_t kInstancesMax = 10'000;
// The shortest that `shutdown` knows.
constexpr base::Millis kLeaseMin = 60 * kSecond;
constexpr std::uint64_t kDiskMax = 64ULL << 40;

bool isLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Of letters, digits and `more`; the first is a letter or digit, so that it is nobody's option.
bool isWord(const std::string& text, std::string_view more, std::size_t bytes_max) {
  return !text.empty() && text.size() <= bytes_max && isLetterOrDigit(text[0]) &&
         std::all_of(text.begin(), text.end(), [more](char c) {
           return isLetterOrDigit(c) || more.find(c) != std::string_view::npos;
         });
}

using Fits = bool (*)(const std::string& text);

bool isRegion(const std::string& text) {
  return isWord(text, "-", 64) &&
         std::none_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}
bool isAmi(const std::string& text) {
  return text.starts_with("ami-") && isWord(text, "-", 64);
}
bool isType(const std::string& text) {
  return isWord(text, ".-", 64) && text.find('.') != std::string::npos;
}
bool isUser(const std::string& text) {
  return isWord(text, "._-", 32);
}
bool isSubnet(const std::string& text) {
  return text.starts_with("subnet-") && isWord(text, "-", 64);
}
bool isReservation(const std::string& text) {
  return text.starts_with("r-") && isWord(text, "-", 64);
}
bool isAccessKeyId(const std::string& text) {
  return isWord(text, "_", 128);
}
// A Debian package; so nothing in it means anything to a shell.
bool isPackage(const std::string& text) {
  return isWord(text, "+.-", 128);
}
bool isPrice(const std::string& text) {
  return text.size() <= 16 && text.find_first_not_of("0123456789.") == std::string::npos &&
         std::count(text.begin(), text.end(), '.') <= 1 && isLetterOrDigit(text.front()) &&
         isLetterOrDigit(text.back());
}
bool isUrl(const std::string& text) {
  const std::size_t scheme = text.find("://");
  const std::string host = scheme == std::string::npos ? "" : text.substr(scheme + 3);
  return (text.starts_with("https://") || text.starts_with("http://")) && !host.empty() &&
         host[0] != '/' && host[0] != ':' && isName(text) &&
         text.find_first_of(" @?#") == std::string::npos;
}

Field wordOf(std::string key, std::string& into, std::function<bool(const std::string&)> fits,
             std::string wanted) {
  Field field = text(std::move(key), into);
  field.read = [&into, fits = std::move(fits), wanted = std::move(wanted)](const Node& node) {
    const auto* const value = node.as<std::string>();
    if (value == nullptr || !fits(*value)) {
      return wanted;
    }
    into = *value;
    return std::string();
  };
  return field;
}

// The same, and "" for none.
Field textOf(std::string key, std::string& into, Fits fits, const std::string& wanted) {
  return wordOf(
      std::move(key), into,
      [fits](const std::string& value) { return value.empty() || fits(value); },
      wanted + ", or \"\"");
}

Field listOfWords(std::string key, std::vector<std::string>& into, Fits fits, std::string wanted) {
  Field field = names(std::move(key), into);
  field.read = [&into, fits, wanted = std::move(wanted)](const Node& node) -> std::string {
    const auto* const array = node.as<Array>();
    std::vector<std::string> read;
    for (const Node& item : array == nullptr ? Array() : *array) {
      const auto* const value = item.as<std::string>();
      if (value == nullptr || !fits(*value)) {
        return "a list of " + wanted;
      }
      read.push_back(*value);
    }
    if (array == nullptr) {
      return "a list of " + wanted;
    }
    into = std::move(read);
    return "";
  };
  return field;
}

Field secret(std::string key, std::string& into) {
  Field field = text(std::move(key), into);
  field.show = [&into] { return std::string(into.empty() ? "\"\"" : "\"***\""); };
  return field;
}

Field amiField(std::string& into) {
  return textOf("ami", into, isAmi, "an AMI's id such as \"ami-0123456789abcdef0\"");
}
Field typeField(std::string& into) {
  return textOf("type", into, isType, "an instance type such as \"t3.small\"");
}
Field userField(std::string& into) {
  return textOf("user", into, isUser, "a user's name");
}

std::vector<Field> accountFields(Ec2Ssh& ec2) {
  return {flag("enabled", ec2.enabled),
          textOf("region", ec2.region, isRegion, "a region such as \"us-east-1\""),
          textOf("endpoint", ec2.endpoint, isUrl, "a URL, https://HOST[:PORT]"),
          flag("allow_http", ec2.allow_http),
          path("ca_file", ec2.ca_file),
          textOf("access_key_id", ec2.access_key_id, isAccessKeyId,
                 "an access key's id, of letters and digits"),
          secret("secret_access_key", ec2.secret_access_key),
          text("profile", ec2.profile)};
}

std::vector<Field> machineFields(Ec2Ssh& ec2) {
  return {wordOf("user", ec2.user, isUser, "a user's name"),
          whole("port", ec2.port, 1, 65'535),
          amiField(ec2.ami),
          name("ami_owner", ec2.ami_owner),
          name("ami_name", ec2.ami_name),
          typeField(ec2.type),
          listOfWords("types", ec2.types, isType, "instance types such as \"t3.small\""),
          listOfWords("zones", ec2.zones, isRegion, "zones such as \"us-east-1a\""),
          listOfWords("subnets", ec2.subnets, isSubnet, "subnets' ids, \"subnet-...\""),
          flag("other_images", ec2.other_images),
          size("root_disk", ec2.root_disk_bytes, 0, kDiskMax)};
}

std::vector<Field> reachFields(Ec2Ssh& ec2) {
  return {
      text("security_group", ec2.security_group),
      listOfWords("ssh_from", ec2.ssh_from, isCidr,
                  "CIDR blocks such as \"192.0.2.0/24\", whose bits behind the prefix are zero"),
      wordOf("own_address_url", ec2.own_address_url, isUrl, "a URL, https://HOST[:PORT]/..."),
      flag("use_private_address", ec2.use_private_address),
      text("key_name", ec2.key_name),
      path("key_file", ec2.key_file),
      path("key_folder", ec2.key_folder),
      flag("console_key_required", ec2.console_key_required),
      text("instance_profile", ec2.instance_profile)};
}

std::vector<Field> costFields(Ec2Ssh& ec2) {
  return {
      flag("spot", ec2.spot),
      textOf("spot_price_max", ec2.spot_price_max, isPrice,
             "dollars an hour such as \"0.05\", in quotes"),
      textOf("reservation_id", ec2.reservation_id, isReservation, "a reservation's id, \"r-...\""),
      whole("instances_max", ec2.instances_max, 1, kInstancesMax),
      duration("lease", ec2.lease, kLeaseMin, kDay),
      duration("idle_timeout", ec2.idle_timeout, base::Millis(0), 365 * kDay),
      duration("wait_vm_timeout", ec2.wait_vm_timeout, kSecond, kDay),
      duration("reattach_timeout", ec2.reattach_timeout, base::Millis(0), kDay)};
}

std::vector<Field> setUpFields(Ec2SetUp& set_up) {
  return {flag("set_up", set_up.enabled),
          listOfWords("packages", set_up.packages, isPackage, "Debian packages' names"),
          flag("block_metadata", set_up.block_metadata), path("user_data_file", set_up.file)};
}

}  // namespace

void addEc2Ssh(Schema& schema, ServiceConfig& config) {
  Ec2Ssh& ec2 = config.ec2_ssh;
  Section section{"vmms.ec2SSH", {}};
  for (std::vector<Field>& part :
       std::vector<std::vector<Field>>{accountFields(ec2), machineFields(ec2), reachFields(ec2),
                                       costFields(ec2), setUpFields(ec2.set_up)}) {
    std::move(part.begin(), part.end(), std::back_inserter(section.fields));
  }
  schema.sections.push_back(std::move(section));
  schema.lists.push_back(listOf<Ec2Image>("vmms.ec2SSH.image", ec2.images, [](Ec2Image& image) {
    return std::vector<Field>{required(name("name", image.name)), amiField(image.ami),
                              typeField(image.type), userField(image.user)};
  }));
  schema.backends.push_back({"ec2SSH", &ec2.enabled});
}

}  // namespace tango::config
