#include "tango/client/api_client.hpp"

#include <cerrno>
#include <utility>

#include <fcntl.h>

#include <boost/json/serialize.hpp>

namespace tango::client {
namespace {

using boost::json::object;

// A line slower than this is taken for a broken one.
constexpr std::uint64_t kUploadBytesPerSecondMin = 16 * 1024;

}  // namespace

ApiClient::ApiClient(ServerAccess access, std::shared_ptr<SyncLoop> loop)
    : protocol_(std::move(access)), http_(protocol_.access().ca_file, std::move(loop)) {}

Result<object> ApiClient::sendForJson(http::ClientRequest request) {
  return protocol_.jsonAnswer(http_.send(std::move(request)));
}

Result<object> ApiClient::get(const std::string& target, std::chrono::seconds wait) {
  return sendForJson(protocol_.request("GET", target, wait));
}

Result<object> ApiClient::post(const std::string& target, const object& body) {
  return sendForJson(protocol_.jsonRequest("POST", target, boost::json::serialize(body)));
}

Result<object> ApiClient::post(const std::string& target) {
  return sendForJson(protocol_.request("POST", target));
}

Result<object> ApiClient::put(const std::string& target, const object& body) {
  return sendForJson(protocol_.jsonRequest("PUT", target, boost::json::serialize(body)));
}

Result<object> ApiClient::job(std::int64_t id, std::chrono::seconds wait) {
  return sendForJson(protocol_.jobRequest(id, wait));
}

Result<OutputPiece> ApiClient::output(std::int64_t id, std::uint64_t offset,
                                      std::chrono::seconds wait) {
  return protocol_.outputAnswer(http_.send(protocol_.outputRequest(id, offset, wait)), offset);
}

Result<void> ApiClient::putBlob(const std::string& sha256, const std::string& path,
                                std::uint64_t bytes, std::function<void(std::uint64_t)> on_sent) {
  http::ClientRequest wanted = protocol_.request("PUT", "/v1/blobs/" + sha256);
  wanted.headers.emplace_back("Content-Type", "application/octet-stream");
  wanted.timeout += std::chrono::seconds(bytes / kUploadBytesPerSecondMin);
  wanted.on_sent = std::move(on_sent);
  http::BodyPart part;
  part.file.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!part.file) {
    return base::systemError(errno, "open " + path);
  }
  part.file_bytes = bytes;
  wanted.body.push_back(std::move(part));
  const Result<http::ClientResponse> response = protocol_.answer(http_.send(std::move(wanted)));
  return response ? Result<void>() : response.error();
}

}  // namespace tango::client
