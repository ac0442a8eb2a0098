#include "tango/client/verb.hpp"

#include <cerrno>
#include <cstdio>

#include <boost/json/serialize.hpp>

#include "tango/client/terminal_text.hpp"

namespace tango::client {
namespace {

using base::Error;
using base::ErrorKind;

}  // namespace

int fail(const Error& error) {
  tell(error.message());
  return app::kFailed;
}

int failJob(const Error& error, std::int64_t id, const ApiClient& api) {
  if (error.kind() == ErrorKind::kNotFound) {
    return fail({error.kind(), "there is no job " + std::to_string(id) + " at " + api.url()});
  }
  return fail(error);
}

int withServer(const ServerOptions& options, const std::string& data_folder,
               const std::function<int(ApiClient&)>& act) {
  Result<ServerAccess> access = accessTo(options, data_folder);
  if (!access) {
    tell(access.error().message());
    return app::kBadUsage;
  }
  ApiClient api(*std::move(access));
  const int status = act(api);
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    tell(base::systemError(errno, "write to standard output").message());
    return status == app::kOk ? app::kFailed : status;
  }
  return status;
}

void printJson(const boost::json::value& value) {
  const std::string text = boost::json::serialize(value);
  std::printf("%s\n", isTerminal(stdout) ? onOneLine(text).c_str() : text.c_str());
}

}  // namespace tango::client
