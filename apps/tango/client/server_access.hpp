// Which server the verbs talk to, and with which key.
#pragma once

#include <string>

#include "base/result.hpp"

namespace CLI {
class App;
}

namespace tango::client {

using base::Result;

/// As the command line has it; "": not given.
struct ServerOptions {
  std::string server;
  std::string key_file;
  std::string key;
  std::string ca_file;
};

struct ServerAccess {
  std::string url;         ///< without a slash at its end
  std::string key;         ///< never shown
  std::string key_source;  ///< where the key is from, for people
  std::string ca_file;
};

inline constexpr const char* kDefaultServer = "http://127.0.0.1:3000";

void addServerOptions(CLI::App& verb, ServerOptions& options);

/// The server: the command line's, else $TANGO_SERVER's, else kDefaultServer. The key: the command
/// line's, else $TANGO_KEY, else, for a server on this machine, the one that a service keeps in
/// `data_folder` ("": the default one). Errors are sentences, and never have a key in them.
Result<ServerAccess> accessTo(const ServerOptions& options, const std::string& data_folder);

}  // namespace tango::client
