#include "config/ec2_config.hpp"

#include <array>
#include <charconv>
#include <set>

#include <arpa/inet.h>

#include "config/keys.hpp"

namespace tango::config {
namespace {

// The bits of `address` behind the first `prefix` ones are zero.
template <std::size_t N>
bool isNetwork(const std::array<unsigned char, N>& address, unsigned prefix) {
  for (std::size_t bit = prefix; bit < N * 8; ++bit) {
    if ((address.at(bit / 8) & (0x80U >> (bit % 8))) != 0) {
      return false;
    }
  }
  return true;
}

template <std::size_t N>
bool isNetworkOf(int family, const std::string& address, unsigned prefix) {
  std::array<unsigned char, N> bytes{};
  return prefix <= N * 8 && ::inet_pton(family, address.c_str(), bytes.data()) == 1 &&
         isNetwork(bytes, prefix);
}

std::string hostOfUrl(std::string_view url) {
  std::string_view host = url.substr(url.find("://") + 3);
  host = host.substr(0, host.find('/'));
  return std::string(host.starts_with('[') ? host.substr(0, host.find(']') + 1)
                                           : host.substr(0, host.find(':')));
}

void checkAccess(const Ec2Ssh& ec2, std::vector<std::string>& problems) {
  if (ec2.access_key_id.empty() != ec2.secret_access_key.empty()) {
    problems.emplace_back(
        "vmms.ec2SSH.access_key_id and vmms.ec2SSH.secret_access_key go together: set both, or "
        "none");
  }
  if (!ec2.access_key_id.empty() && !ec2.profile.empty()) {
    problems.emplace_back(
        "vmms.ec2SSH.profile and vmms.ec2SSH.access_key_id: set one of the two; either says who "
        "Tango is to AWS");
  }
  if (ec2.key_name.empty() != ec2.key_file.empty()) {
    problems.emplace_back(
        "vmms.ec2SSH.key_name and vmms.ec2SSH.key_file go together: set both, or none (a key pair "
        "is made then)");
  }
  if (ec2.endpoint.starts_with("http://") && !ec2.allow_http &&
      !isLoopback(hostOfUrl(ec2.endpoint))) {
    problems.emplace_back(
        "vmms.ec2SSH.endpoint is to be https://, or set vmms.ec2SSH.allow_http: what is said to "
        "AWS would cross the network in the clear");
  }
}

void checkImages(const Ec2Ssh& ec2, std::vector<std::string>& problems) {
  std::set<std::string> names;
  for (const Ec2Image& image : ec2.images) {
    if (!image.name.empty() && !names.insert(image.name).second) {
      problems.push_back("vmms.ec2SSH.image.name: two images have the name " + image.name);
    }
  }
  if (ec2.images.empty() && !ec2.other_images) {
    problems.emplace_back(
        "vmms.ec2SSH.other_images is false, and there is no [[vmms.ec2SSH.image]]: no job could "
        "run");
  }
}

}  // namespace

bool isCidr(const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos || text.find('\0') != std::string::npos) {
    return false;
  }
  unsigned prefix = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data() + slash + 1, end, prefix);
  const bool number = failure == std::errc() && stop == end &&
                      text.size() - slash - 1 == std::to_string(prefix).size();
  const std::string address = text.substr(0, slash);
  return number &&
         (isNetworkOf<4>(AF_INET, address, prefix) || isNetworkOf<16>(AF_INET6, address, prefix));
}

bool isEverywhere(std::string_view cidr) {
  return cidr.ends_with("/0");
}

std::vector<std::string> problemsOf(const Ec2Ssh& ec2) {
  std::vector<std::string> problems;
  if (!ec2.enabled) {
    return problems;
  }
  checkAccess(ec2, problems);
  checkImages(ec2, problems);
  if (!ec2.zones.empty() && !ec2.subnets.empty()) {
    problems.emplace_back(
        "vmms.ec2SSH.zones and vmms.ec2SSH.subnets: set one of the two; a subnet is in one zone");
  }
  if (!ec2.spot && !ec2.spot_price_max.empty()) {
    problems.emplace_back("vmms.ec2SSH.spot_price_max is for spot instances: set vmms.ec2SSH.spot");
  }
  if (ec2.lease <= ec2.wait_vm_timeout) {
    problems.emplace_back(
        "vmms.ec2SSH.lease is to be above vmms.ec2SSH.wait_vm_timeout: an instance would shut down "
        "while it is awaited");
  }
  return problems;
}

}  // namespace tango::config
