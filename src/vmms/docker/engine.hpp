// The part of the Docker Engine API that we need, one call a method. Docker 20.10 and newer, and
// Podman's compatible socket. https://docs.docker.com/engine/api/ is the source of every rule.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>

#include "async/byte_stream.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "http/client.hpp"
#include "vmms/docker/engine_address.hpp"

namespace tango::vmms::docker {

using base::Result;
using boost::asio::awaitable;

/// What an engine says of its machine.
struct EngineInfo {
  std::string name;          ///< the machine's
  std::string version;       ///< of the engine
  std::string architecture;  ///< as uname -m gives it
  std::uint64_t cores = 0;
  std::uint64_t memory_bytes = 0;
  bool limits_inodes = true;  ///< of file systems in memory
  std::string cannot_limit;   ///< the first of what it cannot limit ("swap"); "": nothing
};

struct ContainerEntry {
  std::string id;
  std::string image_id;
  std::vector<std::pair<std::string, std::string>> labels;
  bool running = false;
  [[nodiscard]] std::string label(std::string_view key) const;  ///< "": it has none of that name
};

/// What lies in a folder of a container.
struct FolderEntry {
  std::string path;  ///< within the folder, "sub/file"
  bool is_file = false;
  bool is_folder = false;
  std::uint64_t bytes = 0;
};

struct ImageEntry {
  std::string id;
  std::vector<std::string> tags;  ///< full references, NAME:TAG
  std::vector<std::pair<std::string, std::string>> labels;
};

struct ImageDetails {
  std::string id;
  std::string architecture;              ///< as Go names it (amd64)
  std::string os;                        ///< linux
  std::vector<std::string> environment;  ///< NAME=VALUE
  std::vector<std::string> tags;
  std::vector<std::string> volumes;  ///< folders that the image declares as such
};

/// One engine. Connections are kept. An error's message has the engine's own words, and its kind
/// goes by the status: 404 kNotFound, 409 kExists, 400 kInvalid, all else kSystem (no connection
/// included). All can be cancelled; the engine outlives its calls.
class Engine {
 public:
  /// `control_folder`: where ssh keeps its sockets, if the address is one of ssh.
  Engine(boost::asio::any_io_executor executor, EngineAddress address,
         std::filesystem::path control_folder);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Agrees on a version of the API, and asks what the machine has. To be called first, and again
  /// after the engine was away.
  awaitable<Result<EngineInfo>> meet();
  /// Whether it answers within `timeout`.
  awaitable<Result<void>> ping(base::Millis timeout);

  // Containers.
  awaitable<Result<std::string>> createContainer(std::string name, boost::json::object spec);
  awaitable<Result<void>> startContainer(std::string id);
  /// With its anonymous volumes. Returns when it is gone; kNotFound: it was gone already.
  awaitable<Result<void>> removeContainer(std::string id);
  awaitable<Result<void>> limitProcesses(std::string id, std::uint64_t processes_max);
  /// Those that have all of `labels` ("KEY=VALUE"), whatever their state.
  awaitable<Result<std::vector<ContainerEntry>>> listContainers(std::vector<std::string> labels);
  /// Its standard input and output, for a container that is not started yet. What it writes to
  /// standard error is told by the error with which the stream then ends.
  awaitable<Result<std::unique_ptr<async::ByteStream>>> attach(std::string id);
  /// Unpacks `tar` at the folder `path`.
  awaitable<Result<void>> putArchive(std::string id, std::string path, std::string tar);
  /// The regular file at `path`, links followed within the container; nothing: there is none.
  awaitable<Result<std::optional<std::string>>> readFile(std::string id, std::string path,
                                                         std::uint64_t bytes_max);
  /// All that is in the folder `path`, links to it followed; nothing: there is no such folder.
  /// kTooLarge: more than `bytes_max`, as a tarball, and no more than that is read; kInvalid: it is
  /// no folder.
  awaitable<Result<std::optional<std::vector<FolderEntry>>>> listFolder(std::string id,
                                                                        std::string path,
                                                                        std::uint64_t bytes_max);

  // Volumes.
  /// The names of those with `label` that no container has.
  awaitable<Result<std::vector<std::string>>> danglingVolumes(std::string label);
  awaitable<Result<void>> removeVolume(std::string name);

  // Images.
  awaitable<Result<std::vector<ImageEntry>>> listImages();
  awaitable<Result<ImageDetails>> inspectImage(std::string reference);
  /// Loads what `docker save` wrote; returns what the engine says it loaded (names, or ids of what
  /// has no name). kInvalid: the engine refuses the tarball.
  awaitable<Result<std::vector<std::string>>> loadImage(std::vector<http::BodyPart> tarball);
  awaitable<Result<void>> tagImage(std::string reference, std::string name, std::string tag);
  /// Removes the reference, and the image with its last one. Never those of running containers.
  awaitable<Result<void>> removeImage(std::string reference);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tango::vmms::docker
