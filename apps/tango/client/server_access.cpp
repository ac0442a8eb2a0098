#include "tango/client/server_access.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "base/ascii.hpp"
#include "base/unique_fd.hpp"
#include "config/keys.hpp"
#include "http/client.hpp"
#include "images/data_folder.hpp"
#include "tango/service_key.hpp"

namespace tango::client {
namespace {

using base::Error;
using base::ErrorKind;
using base::UniqueFd;

constexpr std::size_t kKeyFileBytesMax = 64 * 1024;

std::string environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): one thread so far
  return value == nullptr ? "" : value;
}

/// The beginning of any file that can be read, a pipe too.
Result<std::string> beginningOf(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) {
    return base::systemError(errno, "open " + path);
  }
  std::string text(kKeyFileBytesMax, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(file.get(), text.data() + size, text.size() - size);
    if (got < 0) {
      return base::systemError(errno, "read " + path);
    }
    if (got == 0) {
      break;
    }
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return text;
}

/// The first line with a key on it, as config::readKeyFile reads them.
Result<std::string> keyIn(const std::string& path) {
  const Result<std::string> text = beginningOf(path);
  if (!text) {
    return text.error();
  }
  constexpr const char* kBlanks = " \t\r";
  for (std::size_t at = 0; at < text->size();) {
    const std::size_t end = std::min(text->find('\n', at), text->size());
    const std::string line = text->substr(at, end - at);
    at = end + 1;
    const std::size_t first = line.find_first_not_of(kBlanks);
    if (first != std::string::npos && line[first] != '#') {
      return line.substr(first, line.find_last_not_of(kBlanks) + 1 - first);
    }
  }
  return Error(ErrorKind::kInvalid, path + " has no key in it");
}

/// The key of the service whose data folder is on this machine.
Result<std::string> ownKey(const std::string& data_folder, std::string& path) {
  Result<std::string> folder = data_folder;
  if (data_folder.empty()) {
    folder = images::defaultDataFolder();
  }
  if (!folder) {
    return folder.error();
  }
  path = std::filesystem::path(*folder) / app::kKeyFile;
  return keyIn(path);
}

Result<void> findKey(const ServerOptions& options, const std::string& data_folder, bool here,
                     ServerAccess& access) {
  const std::string from_environment = environment("TANGO_KEY");
  Result<std::string> key = options.key;
  if (!options.key_file.empty()) {
    access.key_source = options.key_file;
    key = keyIn(options.key_file);
  } else if (!options.key.empty()) {
    access.key_source = "--key";
  } else if (!from_environment.empty()) {
    access.key_source = "$TANGO_KEY";
    key = from_environment;
  } else if (here) {
    key = ownKey(data_folder, access.key_source);
    if (!key) {
      return Error(key.error().kind(),
                   "there is no key: name a file with --key-file, set TANGO_KEY, or name the "
                   "service's --data-dir (" +
                       key.error().message() + ")");
    }
  } else {
    return Error(ErrorKind::kInvalid, "there is no key for " + access.url +
                                          ": name a file with --key-file, or set TANGO_KEY");
  }
  if (!key) {
    return key.error();
  }
  for (const char each : *key) {
    if (base::isControl(each)) {
      return Error(ErrorKind::kInvalid,
                   "the key from " + access.key_source + " has a control character in it");
    }
  }
  access.key = *key;
  return {};
}

}  // namespace

void addServerOptions(CLI::App& verb, ServerOptions& options) {
  verb.fallthrough();
  verb.add_option("--server", options.server,
                  "The server's address (default: $TANGO_SERVER, else http://127.0.0.1:3000)")
      ->type_name("URL");
  verb.add_option("--key-file", options.key_file,
                  "A file with the key in it (default: $TANGO_KEY, else the key in the data folder "
                  "of this machine's service)")
      ->type_name("FILE");
  verb.add_option("--key", options.key, "The key itself: `ps` shows it to everybody")
      ->type_name("KEY");
  verb.add_option("--ca", options.ca_file, "PEM certificates to trust beside the system's")
      ->type_name("FILE");
}

Result<ServerAccess> accessTo(const ServerOptions& options, const std::string& data_folder) {
  ServerAccess access;
  access.url = options.server.empty() ? environment("TANGO_SERVER") : options.server;
  if (access.url.empty()) {
    access.url = kDefaultServer;
  }
  if (access.url.find("://") == std::string::npos) {
    access.url.insert(0, "http://");
  }
  const Result<http::Url> url = http::parseUrl(access.url);
  if (!url) {
    return Error(ErrorKind::kInvalid, "the server's address: " + url.error().message());
  }
  if (access.url.find_first_of("?#") != std::string::npos) {
    return Error(ErrorKind::kInvalid, "the server's address ends with its path");
  }
  while (access.url.ends_with('/')) {
    access.url.pop_back();
  }
  access.ca_file = options.ca_file;
  if (const Result<void> found =
          findKey(options, data_folder, config::isLoopback(url->host), access);
      !found) {
    return found.error();
  }
  return access;
}

}  // namespace tango::client
