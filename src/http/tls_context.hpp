// The server's side of TLS: a certificate and its key.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "base/result.hpp"

namespace tango::http {

using TlsContextPtr = std::shared_ptr<boost::asio::ssl::context>;

/// Of two PEM files, by an operator's path: TLS 1.2 and later. kInvalid: one of them cannot be
/// read, the key has a passphrase, or it is not the certificate's.
base::Result<TlsContextPtr> readTlsContext(const std::string& cert_path,
                                           const std::string& key_path);

}  // namespace tango::http
