#include <algorithm>

#include "http/client.hpp"
#include "notify/host_list.hpp"
#include "notify/notifier.hpp"

namespace tango::notify {

bool isAllowed(const std::string& host, const std::vector<std::string>& allowed_hosts) {
  if (allowed_hosts.empty()) {
    return true;
  }
  const auto lower = [](std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char each) {
      return static_cast<char>(each >= 'A' && each <= 'Z' ? each - 'A' + 'a' : each);
    });
    return text;
  };
  const std::string name = lower(host);
  return std::any_of(allowed_hosts.begin(), allowed_hosts.end(), [&](const std::string& each) {
    const std::string allowed = lower(each);
    return allowed.starts_with("*.") ? name.ends_with(allowed.substr(1)) : name == allowed;
  });
}

base::Result<void> checkCallbackUrl(const std::string& url,
                                    const std::vector<std::string>& allowed_hosts) {
  const base::Result<http::Url> parsed = http::parseUrl(url);
  if (!parsed) {
    return parsed.error().during("callback_url");
  }
  if (!isAllowed(parsed->host, allowed_hosts)) {
    return base::Error(base::ErrorKind::kInvalid,
                       "callback_url: " + parsed->host + " may not be called back here");
  }
  return {};
}

}  // namespace tango::notify
