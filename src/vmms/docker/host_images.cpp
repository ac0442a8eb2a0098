#include "vmms/docker/host_images.hpp"

#include <deque>
#include <map>
#include <optional>
#include <set>

#include "async/offload.hpp"
#include "async/task_group.hpp"
#include "async/uncancelled.hpp"
#include "vmms/docker/image_build.hpp"
#include "vmms/docker/image_reference.hpp"
#include "vmms/docker/saved_image.hpp"

namespace tango::vmms::docker {
namespace {

using base::Error;
using base::ErrorKind;
using ByHost = std::vector<std::pair<std::string, std::vector<std::string>>>;

Error noHost() {
  return {ErrorKind::kSystem, "no Docker host answers"};
}

template <class T>
awaitable<void> keep(awaitable<Result<T>> call, std::optional<Result<T>>& into) {
  Result<T> result = co_await std::move(call);
  into.emplace(std::move(result));
}

/// All at once; the results in the order of the calls.
template <class T>
awaitable<std::vector<Result<T>>> onEach(boost::asio::any_io_executor executor,
                                         std::vector<awaitable<Result<T>>> calls) {
  std::vector<std::optional<Result<T>>> results(calls.size());
  async::TaskGroup group(executor);
  for (std::size_t at = 0; at < calls.size(); ++at) {
    group.start(keep(std::move(calls[at]), results[at]));
  }
  co_await group.allEnded();
  std::vector<Result<T>> all;
  for (std::optional<Result<T>>& result : results) {
    all.push_back(*std::move(result));
  }
  co_return all;
}

using Builds = std::deque<ImageBuild>;
using Step = std::function<awaitable<Result<void>>(ImageBuild& build)>;

/// On every host at once; the first failure.
awaitable<Result<void>> stepOnEach(boost::asio::any_io_executor executor, Builds& builds,
                                   Step step) {
  std::vector<awaitable<Result<void>>> calls;
  for (ImageBuild& build : builds) {
    calls.push_back(step(build));
  }
  const std::vector<Result<void>> done = co_await onEach(executor, std::move(calls));
  for (const Result<void>& each : done) {
    if (!each) {
      co_return each;
    }
  }
  co_return Result<void>();
}

awaitable<Result<ByHost>> listByHost(boost::asio::any_io_executor executor,
                                     std::vector<ImageHost> hosts) {
  std::vector<awaitable<Result<std::vector<ImageEntry>>>> calls;
  for (const ImageHost& host : hosts) {
    calls.push_back(host.engine->listImages());
  }
  const std::vector<Result<std::vector<ImageEntry>>> lists =
      co_await onEach(executor, std::move(calls));
  std::map<std::string, std::set<std::string>> hosts_of;
  std::optional<Error> failure;
  bool answered = false;
  for (std::size_t at = 0; at < lists.size(); ++at) {
    if (!lists[at]) {
      failure = lists[at].error().during(hosts[at].name);
      continue;
    }
    answered = true;
    for (const ImageEntry& image : *lists[at]) {
      for (const std::string& tag : image.tags) {
        // "<none>:<none>" is no reference.
        if (parseImageReference(tag)) {
          hosts_of[tag].insert(hosts[at].name);
        }
      }
    }
  }
  if (!answered) {
    co_return failure ? *failure : noHost();
  }
  ByHost all;
  for (const auto& [image, names] : hosts_of) {
    all.emplace_back(image, std::vector<std::string>(names.begin(), names.end()));
  }
  co_return all;
}

awaitable<Result<void>> findOnAny(ImageReference reference, std::vector<ImageHost> hosts) {
  std::string names;
  std::optional<Error> failure;
  for (const ImageHost& host : hosts) {
    const Result<ImageDetails> found = co_await host.engine->inspectImage(reference.text());
    if (found) {
      co_return Result<void>();
    }
    if (found.error().kind() != ErrorKind::kNotFound) {
      failure = found.error().during(host.name);
    }
    names += (names.empty() ? "" : ", ") + host.name;
  }
  if (failure) {
    co_return *failure;
  }
  if (hosts.empty()) {
    co_return noHost();
  }
  co_return Error(ErrorKind::kNotFound,
                  "there is no image " + reference.text() + " on " + names +
                      ": pull or build it there, or send what `docker save` writes of it to "
                      "Tango's build");
}

}  // namespace

HostImages::HostImages(boost::asio::any_io_executor executor, boost::asio::thread_pool& blocking,
                       std::function<std::vector<ImageHost>()> hosts)
    : executor_(executor), blocking_(blocking), hosts_(std::move(hosts)), built_(executor) {}

awaitable<Result<std::vector<std::string>>> HostImages::getImages() {
  const Result<ByHost> all = co_await imagesByHost();
  if (!all) {
    co_return all.error();
  }
  std::vector<std::string> names;
  for (const auto& [image, hosts] : *all) {
    names.push_back(image);
  }
  co_return names;
}

awaitable<Result<ByHost>> HostImages::imagesByHost() {
  Result<ByHost> all = co_await async::uncancelled(listByHost(executor_, hosts_()));
  co_return all;
}

awaitable<Result<void>> HostImages::findImage(std::string image) {
  Result<ImageReference> reference = parseImageReference(image);
  if (!reference) {
    co_return Error(ErrorKind::kNotFound, reference.error().message());
  }
  const Result<void> found = co_await findOnAny(*std::move(reference), hosts_());
  co_return found;
}

awaitable<Result<void>> HostImages::buildImage(std::string name, std::string path) {
  Result<ImageReference> target = parseImageReference(name);
  if (!target) {
    co_return target.error();
  }
  if (target->name.empty() || !target->tag.empty() || !target->digest.empty()) {
    co_return Error(ErrorKind::kInvalid,
                    "image name: leave the tag and the digest away: it is built as NAME:latest");
  }
  const Result<void> built = co_await async::uncancelled(buildInTurn(target->name, path));
  co_return built;
}

awaitable<Result<void>> HostImages::buildInTurn(std::string name, std::string path) {
  while (building_) {
    co_await built_.next();
  }
  building_ = true;
  const Result<void> done = co_await buildOnAll(std::move(name), std::move(path));
  building_ = false;
  built_.notifyAll();
  co_return done;
}

awaitable<Result<void>> HostImages::buildOnAll(std::string name, std::string path) {
  const Result<SavedImage> image =
      co_await async::offload(blocking_, [path] { return readSavedImage(path); });
  if (!image) {
    co_return image.error();
  }
  Builds builds;
  for (const ImageHost& host : hosts_()) {
    builds.emplace_back(host.name, *host.engine, name);
  }
  if (builds.empty()) {
    co_return noHost();
  }
  // Only when all have it does any get the name.
  Result<void> done = co_await stepOnEach(
      executor_, builds, [&image](ImageBuild& build) { return build.load(*image); });
  if (done) {
    done = co_await stepOnEach(executor_, builds, [](ImageBuild& build) { return build.tag(); });
  }
  if (done) {
    co_return done;
  }
  const Result<void> undone =
      co_await stepOnEach(executor_, builds, [](ImageBuild& build) { return build.undo(); });
  if (undone) {
    co_return done;
  }
  co_return Error(
      done.error().kind(),
      done.error().message() + "; and not all could be taken back: " + undone.error().message());
}

}  // namespace tango::vmms::docker
