#include <algorithm>

#include <boost/asio/ip/address.hpp>

#include "base/ascii.hpp"
#include "http/client.hpp"
#include "notify/host_list.hpp"
#include "notify/notifier.hpp"

namespace tango::notify {
namespace {

// Longer ones are held in memory by the thousand for a receiver that is down.
constexpr std::size_t kUrlBytesMax = 2048;

// Letters in lower case, addresses in their one form.
std::string plain(std::string text) {
  text = base::lowered(text);
  boost::system::error_code no_address;
  const auto address = boost::asio::ip::make_address(text, no_address);
  return no_address ? text : address.to_string();
}

}  // namespace

bool isAllowed(const std::string& host, const std::vector<std::string>& allowed_hosts) {
  if (allowed_hosts.empty()) {
    return true;
  }
  const std::string name = plain(host);
  return std::any_of(allowed_hosts.begin(), allowed_hosts.end(), [&name](const std::string& each) {
    const std::string allowed = plain(each);
    return allowed.starts_with("*.")
               ? name.size() >= allowed.size() && name.ends_with(allowed.substr(1))
               : name == allowed;
  });
}

base::Result<void> checkCallbackUrl(const std::string& url,
                                    const std::vector<std::string>& allowed_hosts) {
  if (url.size() > kUrlBytesMax) {
    return base::Error(base::ErrorKind::kInvalid, "callback_url: the URL is too long");
  }
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
