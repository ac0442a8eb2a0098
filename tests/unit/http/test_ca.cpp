#include "unit/http/test_ca.hpp"

#include <cstdio>
#include <stdexcept>

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace tango::test {
namespace {

using FilePtr = std::unique_ptr<FILE, decltype(&::fclose)>;

FilePtr create(const std::filesystem::path& path) {
  return {::fopen(path.c_str(), "w"), &::fclose};
}

void must(bool done, const char* what) {
  if (!done) {
    throw std::runtime_error(what);
  }
}

void extend(X509* cert, X509* issuer, int extension, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, cert, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> made(
      X509V3_EXT_conf_nid(nullptr, &context, extension, value.c_str()), &X509_EXTENSION_free);
  must(made != nullptr && X509_add_ext(cert, made.get(), -1) == 1, "extend the certificate");
}

}  // namespace

TestCa::TestCa() : key_(EVP_EC_gen("P-256"), &EVP_PKEY_free), cert_(nullptr, &X509_free) {
  cert_ = issue("Test CA", key_.get(), "", -3600, 3600);
  PEM_write_X509(create(file()).get(), cert_.get());
}

TestCa::CertPtr TestCa::issue(const std::string& name, EVP_PKEY* subject_key,
                              const std::string& names, long from, long until) {
  CertPtr made(X509_new(), &X509_free);
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++issued_);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), from);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), until);
  X509_set_pubkey(made.get(), subject_key);
  X509_NAME* subject = X509_get_subject_name(made.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509* issuer = cert_ ? cert_.get() : made.get();
  X509_set_issuer_name(made.get(), X509_get_subject_name(issuer));
  extend(made.get(), issuer, NID_basic_constraints,
         names.empty() ? "critical,CA:TRUE" : "CA:FALSE");
  if (!names.empty()) {
    extend(made.get(), issuer, NID_subject_alt_name, names);
  }
  must(X509_sign(made.get(), key_.get(), EVP_sha256()) > 0, "sign the certificate");
  return made;
}

Identity TestCa::certify(const std::string& names, long from, long until) {
  const KeyPtr key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const CertPtr cert = issue("server", key.get(), names, from, until);
  const std::string number = std::to_string(issued_);
  Identity identity{folder_.path() / (number + ".pem"), folder_.path() / (number + ".key")};
  PEM_write_X509(create(identity.cert).get(), cert.get());
  PEM_write_PrivateKey(create(identity.key).get(), key.get(), nullptr, nullptr, 0, nullptr,
                       nullptr);
  return identity;
}

}  // namespace tango::test
