// Where a Docker engine is reached.
#pragma once

#include <string>

#include "base/result.hpp"
#include "vmms/ssh/ssh.hpp"

namespace tango::vmms::docker {

struct EngineAddress {
  enum class Way { kUnix, kTcp, kSsh };
  Way way = Way::kUnix;
  std::string socket = "/var/run/docker.sock";  ///< kUnix
  std::string url;        ///< kTcp: "http://HOST:PORT" or, with certificates, "https://HOST:PORT"
  std::string ca_file;    ///< kTcp with TLS: who signed the engine's certificate
  std::string cert_file;  ///< and what we show it
  std::string key_file;
  ssh::SshTarget ssh;  ///< kSsh: `docker system dial-stdio` is run there

  /// As it is named to people: "unix:///var/run/docker.sock", "tcp://HOST:PORT", "ssh://USER@HOST".
  [[nodiscard]] std::string text() const;

  friend bool operator==(const EngineAddress&, const EngineAddress&) = default;
};

/// `unix:///PATH`, `tcp://HOST[:PORT]` (2375, with TLS 2376), `ssh://[USER@]HOST[:PORT]`, as
/// DOCKER_HOST has them. With `tls`, a tcp address is one of https. kInvalid says what is wrong.
base::Result<EngineAddress> parseEngineAddress(const std::string& text, bool tls = false);

}  // namespace tango::vmms::docker
