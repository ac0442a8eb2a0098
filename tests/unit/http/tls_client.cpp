#include "unit/http/tls_client.hpp"

#include <array>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>

namespace tango::test {
namespace {

using KeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using FilePtr = std::unique_ptr<FILE, decltype(&::fclose)>;

KeyPtr newKey() {
  return {EVP_EC_gen("P-256"), &EVP_PKEY_free};
}

FilePtr create(const std::string& path) {
  FilePtr file(::fopen(path.c_str(), "w"), &::fclose);
  REQUIRE(file);
  return file;
}

}  // namespace

TlsFiles::TlsFiles(const std::string& name) {
  std::string pattern = std::filesystem::temp_directory_path() / "tango-tls-XXXXXX";
  REQUIRE(::mkdtemp(pattern.data()) != nullptr);
  folder_ = pattern;
  write(name);
}

TlsFiles::~TlsFiles() {
  std::filesystem::remove_all(folder_);
}

void TlsFiles::write(const std::string& name) {
  const KeyPtr key_pair = newKey();
  const std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), &X509_free);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
  X509_set_pubkey(made.get(), key_pair.get());
  X509_NAME* subject = X509_get_subject_name(made.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(made.get(), subject);
  REQUIRE(X509_sign(made.get(), key_pair.get(), EVP_sha256()) > 0);
  PEM_write_X509(create(cert()).get(), made.get());
  PEM_write_PrivateKey(create(key()).get(), key_pair.get(), nullptr, nullptr, 0, nullptr, nullptr);
}

void TlsFiles::spoilKey() {
  std::ofstream(key()) << "no key\n";
}

std::string TlsFiles::lockedKey() const {
  const std::string path = folder_ + "/locked.pem";
  const KeyPtr key_pair = newKey();
  std::string phrase = "phrase";
  PEM_write_PrivateKey(create(path).get(), key_pair.get(), EVP_aes_128_cbc(),
                       reinterpret_cast<unsigned char*>(phrase.data()),
                       static_cast<int>(phrase.size()), nullptr, nullptr);
  return path;
}

TlsClient::TlsClient(std::uint16_t port, int version_max)
    : transport_(port),
      context_(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free),
      ssl_(nullptr, &SSL_free) {
  SSL_CTX_set_security_level(context_.get(), 0);
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context_.get(), version_max);
  ssl_.reset(SSL_new(context_.get()));
  SSL_set_fd(ssl_.get(), transport_.fd());
  secured_ = SSL_connect(ssl_.get()) == 1;
}

std::string TlsClient::certificateName() const {
  const std::unique_ptr<X509, decltype(&X509_free)> shown(SSL_get1_peer_certificate(ssl_.get()),
                                                          &X509_free);
  REQUIRE(shown);
  std::array<char, 100> name{};
  X509_NAME_get_text_by_NID(X509_get_subject_name(shown.get()), NID_commonName, name.data(),
                            static_cast<int>(name.size()));
  return name.data();
}

Answer TlsClient::ask(std::string_view bytes) {
  REQUIRE(SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0);
  for (;;) {
    Answer answer = takeAnswer(received_, false);
    std::array<char, 16 * 1024> piece;
    const int got =
        answer.status == 0 ? SSL_read(ssl_.get(), piece.data(), static_cast<int>(piece.size())) : 0;
    if (got <= 0) {
      return answer;
    }
    received_.append(piece.data(), static_cast<std::size_t>(got));
  }
}

bool TlsClient::ended() {
  char byte = 0;
  return SSL_read(ssl_.get(), &byte, 1) <= 0 &&
         (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

}  // namespace tango::test
