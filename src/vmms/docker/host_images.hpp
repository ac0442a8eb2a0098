// The images of all Docker hosts that answer, as one.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include "async/event.hpp"
#include "base/result.hpp"
#include "vmms/docker/engine.hpp"

namespace tango::vmms::docker {

struct ImageHost {
  std::string name;
  Engine* engine = nullptr;  ///< borrowed for as long as a call is under way
};

/// Cancellation does not reach a build: what is begun on a host is ended or taken back there. The
/// object outlives its calls.
class HostImages {
 public:
  /// `hosts` gives those that answer now. `blocking` (borrowed) is for reading tarballs.
  HostImages(boost::asio::any_io_executor executor, boost::asio::thread_pool& blocking,
             std::function<std::vector<ImageHost>()> hosts);

  /// Every reference of every host, NAME:TAG, sorted, each once. What has no tag is left out.
  /// kSystem: no host answers.
  awaitable<Result<std::vector<std::string>>> getImages();

  /// The same with the names of the hosts that have it.
  awaitable<Result<std::vector<std::pair<std::string, std::vector<std::string>>>>> imagesByHost();

  /// Ok if a host has it: by a name with or without tag, by a digest, or by an id. kNotFound, with
  /// what to do about it: none has, or it is no name of an image.
  awaitable<Result<void>> findImage(std::string image);

  /// Puts the one image of the tarball at `path` on every host, as NAME:latest, whatever names it
  /// has in there; no other tag of a host moves. The image that was NAME:latest stays, without the
  /// name, for those who use it (`docker image prune` removes it then).
  ///
  /// Either all hosts have it then, or each is as it was. (But an image that a host had without any
  /// name may be gone, if it is the one in the tarball.) One after the other. kInvalid: `name` is
  /// no name without tag and digest, or the tarball is refused; the rest as readSavedImage.
  awaitable<Result<void>> buildImage(std::string name, std::string path);

 private:
  awaitable<Result<void>> buildInTurn(std::string name, std::string path);
  awaitable<Result<void>> buildOnAll(std::string name, std::string path);

  boost::asio::any_io_executor executor_;
  boost::asio::thread_pool& blocking_;
  std::function<std::vector<ImageHost>()> hosts_;
  bool building_ = false;
  async::Signal built_;
};

}  // namespace tango::vmms::docker
