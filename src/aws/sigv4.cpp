#include "aws/sigv4.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <string_view>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "base/ascii.hpp"
#include "base/assert.hpp"
#include "base/clock.hpp"
#include "base/hex.hpp"
#include "base/sha256.hpp"
#include "http/client.hpp"

namespace tango::aws {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kTermination = "aws4_request";

std::string sha256Hex(std::string_view text) {
  return base::hexOf(base::sha256Of(text));
}

std::string hmacSha256(std::string_view key, std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  unsigned size = 0;
  const unsigned char* const made = ::HMAC(::EVP_sha256(), key.data(), static_cast<int>(key.size()),
                                           reinterpret_cast<const unsigned char*>(text.data()),
                                           text.size(), digest.data(), &size);
  TANGO_ASSERT(made != nullptr && size == digest.size(), "OpenSSL has no HMAC with SHA-256");
  return {digest.begin(), digest.end()};
}

std::vector<std::string_view> splitAt(char separator, std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::size_t end = text.find(separator); end != std::string_view::npos;
       end = text.find(separator)) {
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  parts.push_back(text);
  return parts;
}

// Without ".", ".." and empty segments, and encoded once more than it is sent: the rule of every
// service but S3.
std::string canonicalPath(std::string_view path) {
  std::vector<std::string_view> kept;
  for (const std::string_view segment : splitAt('/', path)) {
    if (segment == "..") {
      if (!kept.empty()) {
        kept.pop_back();
      }
    } else if (!segment.empty() && segment != ".") {
      kept.push_back(segment);
    }
  }
  std::string canonical;
  for (const std::string_view segment : kept) {
    canonical += '/' + http::percentEncoded(segment);
  }
  if (canonical.empty() || path.ends_with('/')) {
    canonical += '/';
  }
  return canonical;
}

// Escapes that could have been written otherwise ("%7e", "%2f") become the one form that AWS signs.
std::string recoded(std::string_view sent) {
  std::string plain;
  for (std::size_t at = 0; at < sent.size(); ++at) {
    if (sent[at] == '%' && at + 2 < sent.size()) {
      const auto high = base::hexDigit(sent[at + 1]);
      const auto low = base::hexDigit(sent[at + 2]);
      if (high && low) {
        plain += static_cast<char>(*high * 16 + *low);
        at += 2;
        continue;
      }
    }
    plain += sent[at];
  }
  return http::percentEncoded(plain);
}

std::string canonicalQuery(std::string_view query) {
  if (query.empty()) {
    return "";
  }
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string_view each : splitAt('&', query)) {
    const std::size_t equals = each.find('=');
    pairs.emplace_back(recoded(each.substr(0, equals)),
                       equals == std::string_view::npos ? "" : recoded(each.substr(equals + 1)));
  }
  std::sort(pairs.begin(), pairs.end());
  std::string canonical;
  for (const auto& [name, value] : pairs) {
    canonical += (canonical.empty() ? "" : "&") + name + '=' + value;
  }
  return canonical;
}

constexpr bool isBlank(char each) {
  return each == ' ' || (each >= '\t' && each <= '\r');
}

// No blanks at either end, and one for each run of them.
std::string trimmed(std::string_view value) {
  std::string text;
  bool gap = false;
  for (const char each : value) {
    if (isBlank(each)) {
      gap = !text.empty();
      continue;
    }
    if (gap) {
      text += ' ';
      gap = false;
    }
    text += each;
  }
  return text;
}

// By the name in lower case; the values of a name that comes more than once in one line.
std::map<std::string, std::string> canonicalHeaders(const Headers& headers) {
  std::map<std::string, std::string> canonical;
  for (const auto& [name, value] : headers) {
    const auto [at, added] = canonical.try_emplace(base::lowered(name), trimmed(value));
    if (!added) {
      at->second += ',' + trimmed(value);
    }
  }
  return canonical;
}

std::string namesOf(const std::map<std::string, std::string>& canonical) {
  std::string names;
  for (const auto& [name, value] : canonical) {
    names += (names.empty() ? "" : ";") + name;
  }
  return names;
}

std::string canonicalRequest(const ToSign& request,
                             const std::map<std::string, std::string>& canonical) {
  std::string text = request.method + '\n' + canonicalPath(request.path) + '\n' +
                     canonicalQuery(request.query) + '\n';
  for (const auto& [name, value] : canonical) {
    text += name + ':' + value + '\n';
  }
  return text + '\n' + namesOf(canonical) + '\n' + sha256Hex(request.body);
}

// 20261124T163148Z
std::string basicTime(std::int64_t time) {
  std::string text = base::isoUtc(time);
  std::erase_if(text, [](char each) { return each == '-' || each == ':'; });
  return text;
}

}  // namespace

Headers signatureOf(const ToSign& request, const Credentials& credentials) {
  const std::string time = basicTime(request.time);
  const std::string day = time.substr(0, time.find('T'));
  Headers added = {{"X-Amz-Date", time}};
  if (!credentials.session_token.empty()) {
    added.emplace_back("X-Amz-Security-Token", credentials.session_token);
  }

  Headers all = request.headers;
  all.emplace_back("Host", request.host);
  all.insert(all.end(), added.begin(), added.end());
  const std::map<std::string, std::string> canonical = canonicalHeaders(all);

  std::string scope = day + '/' + request.region + '/' + request.service + '/';
  scope += kTermination;
  std::string to_sign(kAlgorithm);
  to_sign += '\n' + time + '\n' + scope + '\n' + sha256Hex(canonicalRequest(request, canonical));

  std::string key = "AWS4" + credentials.secret_access_key;
  for (const std::string_view part :
       {std::string_view(day), std::string_view(request.region), std::string_view(request.service),
        kTermination, std::string_view(to_sign)}) {
    key = hmacSha256(key, part);
  }
  const std::string signature =
      base::hexOf(std::span(reinterpret_cast<const unsigned char*>(key.data()), key.size()));
  added.emplace_back("Authorization", std::string(kAlgorithm) +
                                          " Credential=" + credentials.access_key_id + '/' + scope +
                                          ", SignedHeaders=" + namesOf(canonical) +
                                          ", Signature=" + signature);
  return added;
}

}  // namespace tango::aws
