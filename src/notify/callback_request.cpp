#include "notify/callback_request.hpp"

#include <algorithm>
#include <cerrno>

#include <sys/stat.h>

#include "base/ascii.hpp"
#include "base/hex.hpp"

namespace tango::notify {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

// Longer than any answer that a callback needs: only its status counts.
constexpr std::uint64_t kAnswerBytesMax = 64 * 1024;

// Of chance, and so in no output file.
std::string newBoundary() {
  return "tango-" + base::randomHex(16).value();
}

http::BodyPart bytes(std::string text) {
  http::BodyPart part;
  part.bytes = std::move(text);
  return part;
}

}  // namespace

Result<http::BodyPart> wholeFile(base::UniqueFd file) {
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) {
    return base::systemError(errno, "look at the output file");
  }
  http::BodyPart part;
  part.file = std::move(file);
  part.file_bytes = static_cast<std::uint64_t>(status.st_size);
  return part;
}

Result<http::ClientRequest> requestOf(const store::Callback& callback, http::BodyPart output,
                                      base::Millis timeout) {
  const Result<http::Url> url = http::parseUrl(callback.url);
  if (!url) {
    return url.error();
  }
  if (std::any_of(callback.output_file.begin(), callback.output_file.end(), base::isControl)) {
    return Error(ErrorKind::kInvalid,
                 "the output file's name has a control character in it and cannot be told");
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
  request.body.push_back(std::move(output));
  request.body.push_back(bytes("\r\n--" + boundary + "--\r\n"));
  return request;
}

std::string hostOf(const std::string& url) {
  const Result<http::Url> parsed = http::parseUrl(url);
  return parsed ? parsed->host + ":" + std::to_string(parsed->port) : "";
}

}  // namespace tango::notify
