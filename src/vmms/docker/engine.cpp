#include "vmms/docker/engine.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "http/client.hpp"
#include "vmms/docker/attach_stream.hpp"
#include "vmms/docker/engine_archive.hpp"
#include "vmms/docker/engine_json.hpp"

namespace tango::vmms::docker {
namespace {

namespace json = boost::json;
using base::Error;
using base::ErrorKind;
using base::Millis;
using http::ClientRequest;
using http::ClientResponse;
using http::percentEncoded;

// What is used here is in every version from 1.40 (Docker 19.03); no newer one than we know is
// spoken.
struct ApiVersion {
  int major = 1;
  int minor = 0;
  friend auto operator<=>(const ApiVersion&, const ApiVersion&) = default;
};
constexpr ApiVersion kOldest{1, 40};
constexpr ApiVersion kNewest{1, 43};

constexpr Millis kMeetMax{10'000};
constexpr Millis kCallMax{60'000};
constexpr Millis kRemoveMax{30'000};
constexpr Millis kLoadMax{3'600'000};
constexpr std::uint64_t kAnswerMax = std::uint64_t{64} << 20;
constexpr std::uint64_t kArchiveOverhead = 64 * 1024;
constexpr int kLinksMax = 8;

std::optional<ApiVersion> parseVersion(std::string_view text) {
  ApiVersion version;
  const char* const end = text.data() + text.size();
  const auto major = std::from_chars(text.data(), end, version.major);
  if (major.ec != std::errc() || major.ptr == end || *major.ptr != '.') {
    return std::nullopt;
  }
  const auto minor = std::from_chars(major.ptr + 1, end, version.minor);
  return minor.ec == std::errc() && minor.ptr == end ? std::optional(version) : std::nullopt;
}

// In a path: what separates a reference's parts stays as it is.
std::string referencePath(std::string_view reference) {
  std::string all;
  for (const char each : reference) {
    all += each == '/' || each == ':' || each == '@' ? std::string(1, each)
                                                     : percentEncoded(std::string_view(&each, 1));
  }
  return all;
}

Error statusError(int status, std::string_view body) {
  const std::string words = errorWords(body);
  const std::string message =
      words.empty() ? "the engine answered with status " + std::to_string(status) : words;
  switch (status) {
    case 400:
      return {ErrorKind::kInvalid, message};
    case 404:
      return {ErrorKind::kNotFound, message};
    case 409:
      return {ErrorKind::kExists, message};
    default:
      return {ErrorKind::kSystem, message};
  }
}

bool isGood(int status) {
  return status >= 200 && status < 400;  // 304: it is so already
}

http::ClientConfig clientConfig(const EngineAddress& address, ssh::SshConnection* connection) {
  http::ClientConfig config;
  config.ca_file = address.ca_file;
  config.cert_file = address.cert_file;
  config.key_file = address.key_file;
  if (connection != nullptr) {
    config.connect = [connection] { return connection->open("docker system dial-stdio"); };
  }
  return config;
}

http::BodyPart bytesPart(std::string bytes) {
  http::BodyPart part;
  part.bytes = std::move(bytes);
  return part;
}

}  // namespace

std::string ContainerEntry::label(std::string_view key) const {
  const auto found = std::find_if(labels.begin(), labels.end(),
                                  [key](const auto& each) { return each.first == key; });
  return found == labels.end() ? "" : found->second;
}

struct Engine::State {
  State(const boost::asio::any_io_executor& executor, EngineAddress where,
        const std::filesystem::path& control_folder)
      : address(std::move(where)),
        connection(address.way == EngineAddress::Way::kSsh
                       ? std::make_unique<ssh::SshConnection>(executor, address.ssh, control_folder)
                       : nullptr),
        client(executor, clientConfig(address, connection.get())) {}

  /// A request for `path` of the version agreed on.
  [[nodiscard]] ClientRequest request(std::string method, const std::string& path) const {
    ClientRequest request;
    request.method = std::move(method);
    request.url = (address.way == EngineAddress::Way::kTcp ? address.url : "http://docker") + "/" +
                  version + path;
    request.unix_socket = address.way == EngineAddress::Way::kUnix ? address.socket : "";
    request.timeout = kCallMax;
    request.answer_bytes_max = kAnswerMax;
    return request;
  }
  [[nodiscard]] ClientRequest post(const std::string& path, const json::object& body) const {
    ClientRequest request = this->request("POST", path);
    request.headers.emplace_back("Content-Type", "application/json");
    request.body.push_back(bytesPart(json::serialize(body)));
    return request;
  }

  /// The answer if it is a good one; else the engine's words, or ssh's where it said why.
  awaitable<Result<ClientResponse>> call(ClientRequest request);

  /// What to say of a connection that failed: ssh knows better than the end of its stream.
  [[nodiscard]] Error explained(const Error& error) const {
    const std::string words = connection ? connection->lastWords() : "";
    return words.empty() || error.kind() != ErrorKind::kSystem
               ? error
               : Error(error.kind(), error.message() + " (ssh: " + words + ")");
  }

  const EngineAddress address;
  const std::unique_ptr<ssh::SshConnection> connection;
  http::Client client;
  std::string version = "v1.40";
};

awaitable<Result<ClientResponse>> Engine::State::call(ClientRequest request) {
  Result<ClientResponse> response = co_await client.send(std::move(request));
  if (!response) {
    co_return explained(response.error());
  }
  if (!isGood(response->status)) {
    co_return statusError(response->status, response->body);
  }
  co_return response;
}

Engine::Engine(boost::asio::any_io_executor executor, EngineAddress address,
               std::filesystem::path control_folder)
    : state_(std::make_unique<State>(executor, std::move(address), control_folder)) {}

Engine::~Engine() = default;

awaitable<Result<void>> Engine::ping(Millis timeout) {
  ClientRequest request = state_->request("GET", "/_ping");
  request.timeout = timeout;
  const Result<ClientResponse> answer = co_await state_->call(std::move(request));
  if (!answer) {
    co_return answer.error();
  }
  co_return Result<void>();
}

awaitable<Result<EngineInfo>> Engine::meet() {
  ClientRequest request = state_->request("GET", "/_ping");
  request.url = request.url.substr(0, request.url.rfind("/v")) + "/_ping";
  request.timeout = kMeetMax;
  const Result<ClientResponse> pong = co_await state_->call(std::move(request));
  if (!pong) {
    co_return pong.error();
  }
  const std::optional<ApiVersion> newest = parseVersion(pong->header("api-version"));
  if (!newest || *newest < kOldest) {
    co_return Error(ErrorKind::kUnsupported,
                    "not a Docker engine, or one older than 19.03: it offers API version '" +
                        pong->header("api-version") + "'");
  }
  const ApiVersion agreed = std::min(*newest, kNewest);
  state_->version = "v" + std::to_string(agreed.major) + "." + std::to_string(agreed.minor);
  ClientRequest asked = state_->request("GET", "/info");
  asked.timeout = kMeetMax;
  const Result<ClientResponse> answer = co_await state_->call(std::move(asked));
  if (!answer) {
    co_return answer.error();
  }
  Result<EngineInfo> info = parseInfo(answer->body);
  // Podman knows no such option of a tmpfs.
  if (info && !pong->header("libpod-api-version").empty()) {
    info->limits_inodes = false;
    info->cannot_limit = info->cannot_limit.empty() ? "the number of files" : info->cannot_limit;
  }
  co_return info;
}

awaitable<Result<std::string>> Engine::createContainer(std::string name, json::object spec) {
  const Result<ClientResponse> answer =
      co_await state_->call(state_->post("/containers/create?name=" + percentEncoded(name), spec));
  if (!answer) {
    co_return answer.error();
  }
  co_return parseCreated(answer->body);
}

awaitable<Result<void>> Engine::startContainer(std::string id) {
  const Result<ClientResponse> answer = co_await state_->call(
      state_->request("POST", "/containers/" + percentEncoded(id) + "/start"));
  if (!answer) {
    co_return answer.error();
  }
  co_return Result<void>();
}

awaitable<Result<void>> Engine::removeContainer(std::string id) {
  ClientRequest request =
      state_->request("DELETE", "/containers/" + percentEncoded(id) + "?force=1&v=1");
  request.timeout = kRemoveMax;
  const Result<ClientResponse> answer = co_await state_->call(std::move(request));
  if (answer) {
    co_return Result<void>();
  }
  if (answer.error().kind() != ErrorKind::kExists) {
    co_return answer.error();
  }
  // 409: the engine is removing it already.
  ClientRequest wait =
      state_->request("POST", "/containers/" + percentEncoded(id) + "/wait?condition=removed");
  wait.timeout = kRemoveMax;
  const Result<ClientResponse> removed = co_await state_->call(std::move(wait));
  if (!removed) {
    co_return removed.error();
  }
  co_return Result<void>();
}

awaitable<Result<void>> Engine::limitProcesses(std::string id, std::uint64_t processes_max) {
  const Result<ClientResponse> answer = co_await state_->call(state_->post(
      "/containers/" + percentEncoded(id) + "/update", {{"PidsLimit", processes_max}}));
  if (!answer) {
    co_return answer.error();
  }
  co_return Result<void>();
}

awaitable<Result<std::vector<ContainerEntry>>> Engine::listContainers(
    std::vector<std::string> labels) {
  const json::object filters = {{"label", json::array(labels.begin(), labels.end())}};
  const Result<ClientResponse> answer = co_await state_->call(state_->request(
      "GET", "/containers/json?all=1&filters=" + percentEncoded(json::serialize(filters))));
  if (!answer) {
    co_return answer.error();
  }
  co_return parseContainers(answer->body);
}

awaitable<Result<std::unique_ptr<async::ByteStream>>> Engine::attach(std::string id) {
  Result<http::Upgraded> upgraded = co_await state_->client.upgrade(
      state_->request("POST", "/containers/" + percentEncoded(id) +
                                  "/attach?stream=1&stdin=1&stdout=1&stderr=1"),
      "tcp");
  if (!upgraded) {
    co_return state_->explained(upgraded.error());
  }
  co_return std::unique_ptr<async::ByteStream>(
      std::make_unique<AttachStream>(std::move(upgraded->stream)));
}

awaitable<Result<void>> Engine::putArchive(std::string id, std::string path, std::string tar) {
  ClientRequest request = state_->request(
      "PUT", "/containers/" + percentEncoded(id) + "/archive?path=" + percentEncoded(path));
  request.headers.emplace_back("Content-Type", "application/x-tar");
  request.body.push_back(bytesPart(std::move(tar)));
  const Result<ClientResponse> answer = co_await state_->call(std::move(request));
  if (!answer) {
    co_return answer.error();
  }
  co_return Result<void>();
}

awaitable<Result<std::optional<std::string>>> Engine::readFile(std::string id, std::string path,
                                                               std::uint64_t bytes_max) {
  // The engine follows every link but the last.
  for (int links = 0; links <= kLinksMax; ++links) {
    ClientRequest request = state_->request(
        "GET", "/containers/" + percentEncoded(id) + "/archive?path=" + percentEncoded(path));
    request.answer_bytes_max = bytes_max + kArchiveOverhead;
    const Result<ClientResponse> answer = co_await state_->call(std::move(request));
    if (!answer && answer.error().kind() == ErrorKind::kNotFound) {
      co_return std::optional<std::string>();
    }
    if (!answer) {
      co_return answer.error();
    }
    Result<ArchivedFile> found = archivedFile(answer->body, bytes_max);
    if (!found) {
      co_return found.error();
    }
    if (found->type != ArchivedFile::Type::kLink) {
      co_return found->type == ArchivedFile::Type::kFile ? std::optional(std::move(found->text))
                                                         : std::nullopt;
    }
    path = linkedPath(path, found->text);
  }
  co_return std::optional<std::string>();
}

awaitable<Result<std::optional<std::vector<FolderEntry>>>> Engine::listFolder(
    std::string id, std::string path, std::uint64_t bytes_max) {
  ClientRequest request = state_->request(
      "GET", "/containers/" + percentEncoded(id) + "/archive?path=" + percentEncoded(path + "/."));
  request.answer_bytes_max = bytes_max;
  const Result<ClientResponse> answer = co_await state_->call(std::move(request));
  if (!answer && answer.error().kind() == ErrorKind::kNotFound) {
    co_return std::optional<std::vector<FolderEntry>>();
  }
  // The engine says so with status 500.
  if (!answer && answer.error().message().ends_with("not a directory")) {
    co_return Error(ErrorKind::kInvalid, path + " is no folder");
  }
  if (!answer) {
    co_return answer.error();
  }
  Result<std::vector<FolderEntry>> entries = archivedFolder(answer->body);
  if (!entries) {
    co_return entries.error();
  }
  co_return std::optional(*std::move(entries));
}

awaitable<Result<std::vector<std::string>>> Engine::danglingVolumes(std::string label) {
  const json::object filters = {{"label", json::array{label}}, {"dangling", json::array{"true"}}};
  const Result<ClientResponse> answer = co_await state_->call(
      state_->request("GET", "/volumes?filters=" + percentEncoded(json::serialize(filters))));
  if (!answer) {
    co_return answer.error();
  }
  co_return parseVolumes(answer->body);
}

awaitable<Result<void>> Engine::removeVolume(std::string name) {
  const Result<ClientResponse> answer =
      co_await state_->call(state_->request("DELETE", "/volumes/" + percentEncoded(name)));
  if (!answer) {
    co_return answer.error();
  }
  co_return Result<void>();
}

awaitable<Result<std::vector<ImageEntry>>> Engine::listImages() {
  const Result<ClientResponse> answer =
      co_await state_->call(state_->request("GET", "/images/json"));
  if (!answer) {
    co_return answer.error();
  }
  co_return parseImages(answer->body);
}

awaitable<Result<ImageDetails>> Engine::inspectImage(std::string reference) {
  ClientRequest request = state_->request("GET", "/images/" + referencePath(reference) + "/json");
  request.timeout = kMeetMax;
  const Result<ClientResponse> answer = co_await state_->call(std::move(request));
  if (!answer) {
    co_return answer.error();
  }
  co_return parseImage(answer->body);
}

awaitable<Result<std::vector<std::string>>> Engine::loadImage(std::vector<http::BodyPart> tarball) {
  ClientRequest request = state_->request("POST", "/images/load?quiet=1");
  request.headers.emplace_back("Content-Type", "application/x-tar");
  request.timeout = kLoadMax;
  request.body = std::move(tarball);
  const Result<ClientResponse> answer = co_await state_->call(std::move(request));
  if (!answer) {
    co_return answer.error();
  }
  co_return parseLoaded(answer->body);
}

awaitable<Result<void>> Engine::tagImage(std::string reference, std::string name, std::string tag) {
  const Result<ClientResponse> answer = co_await state_->call(state_->request(
      "POST", "/images/" + referencePath(reference) + "/tag?repo=" + percentEncoded(name) +
                  "&tag=" + percentEncoded(tag)));
  if (!answer) {
    co_return answer.error();
  }
  co_return Result<void>();
}

awaitable<Result<void>> Engine::removeImage(std::string reference) {
  const Result<ClientResponse> answer =
      co_await state_->call(state_->request("DELETE", "/images/" + referencePath(reference)));
  if (!answer) {
    co_return answer.error();
  }
  co_return Result<void>();
}

}  // namespace tango::vmms::docker
