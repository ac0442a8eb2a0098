// A certificate authority of a test's own, and what it certifies.
#pragma once

#include <ctime>
#include <filesystem>
#include <memory>
#include <string>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "support/temp_folder.hpp"

namespace tango::test {

/// Two PEM files of a server or a client.
struct Identity {
  std::filesystem::path cert;
  std::filesystem::path key;
  /// Of a server: the authority of whom it lets in; "": it lets in everyone.
  std::filesystem::path client_ca = {};
};

class TestCa {
 public:
  TestCa();

  /// The PEM file by which it is trusted.
  [[nodiscard]] std::string file() const { return folder_.path() / "ca.pem"; }
  /// Certifies `names`, as OpenSSL writes them ("DNS:front.test,IP:127.0.0.1"), from and until so
  /// many seconds from now.
  Identity certify(const std::string& names, long from = -3600, long until = 3600);

 private:
  using KeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
  using CertPtr = std::unique_ptr<X509, decltype(&X509_free)>;

  CertPtr issue(const std::string& name, EVP_PKEY* subject_key, const std::string& names, long from,
                long until);

  TempFolder folder_;
  KeyPtr key_;
  CertPtr cert_;
  long issued_ = 0;
};

}  // namespace tango::test
