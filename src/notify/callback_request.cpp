#include "notify/callback_request.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <sys/random.h>
#include <sys/stat.h>

#include "base/assert.hpp"

namespace tango::notify {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

// Longer than any answer that a callback needs: only its status counts.
constexpr std::uint64_t kAnswerBytesMax = 64 * 1024;

// Of chance, and so in no output file.
std::string newBoundary() {
  std::array<unsigned char, 16> bytes{};
  TANGO_ASSERT(::getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()),
               "no random bytes");
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text = "tango-";
  for (const unsigned char byte : bytes) {
    text.push_back(kDigits[byte >> 4U]);
    text.push_back(kDigits[byte & 0xfU]);
  }
  return text;
}

bool isControl(char each) {
  const auto byte = static_cast<unsigned char>(each);
  return byte < 0x20 || byte == 0x7f;
}

http::BodyPart bytes(std::string text) {
  http::BodyPart part;
  part.bytes = std::move(text);
  return part;
}

}  // namespace

Result<http::ClientRequest> requestOf(const store::Callback& callback, base::UniqueFd output,
                                      base::Millis timeout) {
  const Result<http::Url> url = http::parseUrl(callback.url);
  if (!url) {
    return url.error();
  }
  if (std::any_of(callback.output_file.begin(), callback.output_file.end(), isControl)) {
    return Error(ErrorKind::kInvalid,
                 "the output file's name has a control character in it and cannot be told");
  }
  struct stat status{};
  if (::fstat(output.get(), &status) != 0) {
    return base::systemError(errno, "look at the output file");
  }
  const std::string boundary = newBoundary();
  http::ClientRequest request;
  request.method = "POST";
  request.url = callback.url;
  request.timeout = timeout;
  request.answer_bytes_max = kAnswerBytesMax;
  request.headers = {{"Content-Type", "multipart/form-data; boundary=" + boundary},
                     {"Filename", callback.output_file}};
  request.body.push_back(
      bytes("--" + boundary +
            "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file\"\r\n\r\n"));
  http::BodyPart file;
  file.file = std::move(output);
  file.file_bytes = static_cast<std::uint64_t>(status.st_size);
  request.body.push_back(std::move(file));
  request.body.push_back(bytes("\r\n--" + boundary + "--\r\n"));
  return request;
}

std::string hostOf(const std::string& url) {
  const Result<http::Url> parsed = http::parseUrl(url);
  return parsed ? parsed->host + ":" + std::to_string(parsed->port) : "";
}

}  // namespace tango::notify
