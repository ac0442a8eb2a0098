#include "vmms/ec2/endpoint.hpp"

#include <algorithm>

#include "http/client.hpp"

namespace tango::vmms::ec2 {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::size_t kRegionMax = 40;

bool isRegion(const std::string& text) {
  return !text.empty() && text.size() <= kRegionMax &&
         std::all_of(text.begin(), text.end(), [](char each) {
           return (each >= 'a' && each <= 'z') || (each >= '0' && each <= '9') || each == '-';
         });
}

struct Named {
  std::string url;
  std::string by;
};

Named urlFor(const std::string& region, const std::string& configured,
             const std::map<std::string, std::string>& environment) {
  if (!configured.empty()) {
    return {configured, "the configured endpoint"};
  }
  for (const char* const variable : {"AWS_ENDPOINT_URL_EC2", "AWS_ENDPOINT_URL"}) {
    const auto found = environment.find(variable);
    if (found != environment.end() && !found->second.empty()) {
      return {found->second, variable};
    }
  }
  const char* const domain = region.starts_with("cn-") ? ".amazonaws.com.cn/" : ".amazonaws.com/";
  return {"https://ec2." + region + domain, "the region's endpoint"};
}

}  // namespace

Result<Endpoint> endpointFor(const std::string& region, const std::string& configured,
                             const std::map<std::string, std::string>& environment) {
  if (region.empty()) {
    return Error(ErrorKind::kInvalid,
                 "no region of EC2: name one (region, such as us-east-1, or AWS_REGION)");
  }
  if (!isRegion(region)) {
    return Error(ErrorKind::kInvalid, "region: '" + region + "' is no name of a region");
  }
  const Named named = urlFor(region, configured, environment);
  const Result<http::Url> url = http::parseUrl(named.url);
  if (!url) {
    return url.error().during(named.by);
  }
  const bool v6 = url->host.find(':') != std::string::npos;
  const bool own_port = url->port == (url->tls ? 443 : 80);
  return Endpoint{.region = region,
                  .url = named.url,
                  .host = (v6 ? "[" + url->host + "]" : url->host) +
                          (own_port ? "" : ":" + std::to_string(url->port)),
                  .path = url->target};
}

}  // namespace tango::vmms::ec2
