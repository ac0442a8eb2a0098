// The client's side of TLS for tests, and self-signed certificates made for them; both with OpenSSL
// alone.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

#include "unit/http/raw_client.hpp"

namespace tango::test {

/// A folder with `cert.pem` and `key.pem`, gone with this.
class TlsFiles {
 public:
  explicit TlsFiles(const std::string& name);
  TlsFiles(const TlsFiles&) = delete;
  TlsFiles& operator=(const TlsFiles&) = delete;
  ~TlsFiles();

  /// A new key, and a certificate for it that says `name`.
  void write(const std::string& name);
  /// What stands in the key's file is no key.
  void spoilKey();
  /// The path of a key of its own that has a passphrase.
  [[nodiscard]] std::string lockedKey() const;

  [[nodiscard]] std::string cert() const { return folder_ + "/cert.pem"; }
  [[nodiscard]] std::string key() const { return folder_ + "/key.pem"; }

 private:
  std::string folder_;
};

class TlsClient {
 public:
  /// Connects and shakes hands; no certificate is verified. `version_max`: of TLS; 0: any.
  explicit TlsClient(std::uint16_t port, int version_max = 0);

  [[nodiscard]] bool secured() const { return secured_; }
  /// The common name of the server's certificate.
  [[nodiscard]] std::string certificateName() const;
  Answer ask(std::string_view bytes);
  /// The server has said that it ends.
  bool ended();

 private:
  RawClient transport_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
  bool secured_ = false;
  std::string received_;
};

}  // namespace tango::test
