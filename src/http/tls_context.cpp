#include "http/tls_context.hpp"

namespace tango::http {

namespace ssl = boost::asio::ssl;

base::Result<TlsContextPtr> readTlsContext(const std::string& cert_path,
                                           const std::string& key_path) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  boost::system::error_code failure;
  const auto failed = [](const std::string& what) {
    return base::Error(base::ErrorKind::kInvalid, what);
  };
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  // Else OpenSSL asks for a passphrase at the terminal.
  context->set_password_callback(
      [](std::size_t, ssl::context::password_purpose) { return std::string(); }, failure);
  context->use_certificate_chain_file(cert_path, failure);
  if (failure) {
    return failed("the TLS certificate " + cert_path + ": " + failure.message());
  }
  context->use_private_key_file(key_path, ssl::context::pem, failure);
  // OpenSSL has already compared the two.
  if (failure) {
    return failed("the TLS key " + key_path + " for the certificate " + cert_path + ": " +
                  failure.message());
  }
  return context;
}

}  // namespace tango::http
