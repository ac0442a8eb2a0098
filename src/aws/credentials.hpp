// Who we are to AWS, and where that is found, in the order in which its own tools look.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace tango::aws {

/// A secret: never logged, stored or shown.
struct Credentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;            ///< "": none; temporary ones have one
  std::optional<std::int64_t> expires;  ///< seconds since 1970; absent: never

  friend bool operator==(const Credentials&, const Credentials&) = default;
};

struct CredentialSources {
  /// Of the configuration: they come first. Both or none.
  std::string access_key_id;
  std::string secret_access_key;
  /// The section of ~/.aws/credentials and ~/.aws/config; "": AWS_PROFILE, or "default". If it is
  /// set, the environment's credentials do not count.
  std::string profile;
  /// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_PROFILE,
  /// AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE, AWS_EC2_METADATA_DISABLED,
  /// AWS_EC2_METADATA_SERVICE_ENDPOINT, AWS_REGION, AWS_DEFAULT_REGION, BOTO_CONFIG, HOME; and for
  /// who calls EC2, AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_EC2
  std::map<std::string, std::string> environment;
};

/// Finds credentials: the configuration's, the environment's, ~/.aws/credentials and config with
/// their profiles, ~/.boto ([Credentials], as Tango's documentation shows), and the metadata of the
/// instance that we run on (IMDSv2).
class CredentialChain {
 public:
  /// `blocking` (borrowed) is for files. It is destroyed only when no call is under way.
  static std::unique_ptr<CredentialChain> make(boost::asio::any_io_executor executor,
                                               boost::asio::thread_pool& blocking,
                                               CredentialSources sources,
                                               base::WallClock now = base::unixNow);
  CredentialChain() = default;
  CredentialChain(const CredentialChain&) = delete;
  CredentialChain& operator=(const CredentialChain&) = delete;
  virtual ~CredentialChain() = default;

  /// Those of the first source that has any; kept, and found anew some minutes before they expire.
  /// Calls at the same time share one search. kNotFound: there are none, with every place that was
  /// looked at; kInvalid: a source is there but is not as it should be (named, without its
  /// content); kSystem: the instance's metadata did not answer, and another attempt may succeed.
  /// Can be cancelled (terminal), and who shares its search then goes on by itself.
  virtual boost::asio::awaitable<base::Result<Credentials>> find() = 0;
  /// AWS refused them as expired or unknown: the next `find` looks anew.
  virtual void refused() = 0;
  /// Where the last ones came from, for people ("~/.aws/credentials, profile course"); "": nowhere.
  [[nodiscard]] virtual std::string source() const = 0;
  /// The region that the environment or the profile names, or the metadata of the instance that we
  /// run on; "": none, or not one that could be a region's name (a warning is logged).
  virtual boost::asio::awaitable<std::string> region() = 0;
};

}  // namespace tango::aws
