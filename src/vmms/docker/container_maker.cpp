#include "vmms/docker/container_maker.hpp"

#include <fstream>
#include <iterator>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "base/hex.hpp"
#include "vmms/beside_program.hpp"
#include "vmms/call.hpp"
#include "vmms/docker/container_spec.hpp"
#include "vmms/docker/tar.hpp"

namespace tango::vmms::docker {
namespace {

using base::Error;
using base::ErrorKind;

/// `call`, given up when the machine's destruction begins.
template <class T>
awaitable<Result<T>> unlessGone(MachinePtr machine, awaitable<Result<T>> call) {
  using namespace boost::asio::experimental::awaitable_operators;
  auto first = co_await (std::move(call) || machine->gone.wait());
  if (first.index() == 0) {
    co_return std::get<0>(std::move(first));
  }
  co_return destroyedError();
}

}  // namespace

// They are installed together.
Result<std::string> ContainerMaker::program(const char* name) const {
  const std::filesystem::path path = config_.autodriver.parent_path() / name;
  std::ifstream file(path, std::ios::binary);
  std::string program{std::istreambuf_iterator<char>(file), {}};
  if (!file || program.empty()) {
    return Error(ErrorKind::kSystem,
                 "read " + path.string() + ", which jobs on a Docker host need");
  }
  return program;
}

awaitable<Result<void>> ContainerMaker::create(MachinePtr machine, ProbedImage image) {
  ContainerWish wish;
  wish.name = machine->name;
  wish.machine = machine->spec;
  wish.owner = config_.owner;
  wish.lease = std::chrono::ceil<std::chrono::seconds>(config_.lease);
  wish.processes = machine->processes;
  wish.limit_inodes = machine->host->info().limits_inodes;
  wish.host_cpu_millis = machine->host->info().cores * 1000;
  Result<boost::json::object> spec = containerSpec(wish, image);
  if (!spec) {
    co_return spec.error();
  }
  const std::string name = containerName(config_.owner, machine->name);
  machine->container = name;
  const Result<std::string> id =
      co_await unlessGone(machine, machine->host->engine().createContainer(name, *std::move(spec)));
  if (id) {
    machine->container = *id;
    co_return Result<void>();
  }
  switch (id.error().kind()) {
    case ErrorKind::kNotFound:
    case ErrorKind::kExists:  // what has the name is not this one
      machine->container.clear();
      co_return id.error();
    case ErrorKind::kInvalid:  // what is asked for was checked: the engine is out of order
      co_return Error(ErrorKind::kSystem, id.error().message());
    default:
      co_return id.error();
  }
}

// One at a time on a host: a container that starts meanwhile would find half of it.
awaitable<Result<void>> ContainerMaker::provide(HostPtr host, std::string image_id) {
  using Autodriver = DockerHost::Autodriver;
  while (host->autodriver == Autodriver::kOnItsWay) {
    co_await provided_.next();
  }
  if (host->autodriver == Autodriver::kThere) {
    co_return Result<void>();
  }
  host->autodriver = Autodriver::kOnItsWay;
  const Result<void> put = co_await putAutodriver(host, std::move(image_id));
  host->autodriver = put ? Autodriver::kThere : Autodriver::kMissing;
  provided_.notifyAll();
  co_return put;
}

awaitable<Result<void>> ContainerMaker::putAutodriver(HostPtr host, std::string image_id) {
  const Result<std::string> autodriver = program(config_.autodriver.filename().c_str());
  const Result<std::string> student = program(kStudentName);
  const Result<std::string> suffix = base::randomHex(8);
  if (!autodriver || !student || !suffix) {
    co_return !autodriver ? autodriver.error() : !student ? student.error() : suffix.error();
  }
  Engine& engine = host->engine();
  const std::string name = "tango-put-" + *suffix;
  const Result<std::string> made =
      co_await engine.createContainer(name, providingSpec(config_.owner, image_id));
  Result<void> done = made ? Result<void>() : Result<void>(made.error());
  if (done) {
    done = co_await engine.putArchive(
        name, kOurFolder,
        tarOf({{kAutodriverName, 0755, *autodriver}, {kStudentPlace, 0755, *student}}));
  }
  static_cast<void>(co_await engine.removeContainer(name));
  co_return done ? done : done.error().during("put autodriver there");
}

// Attached before it starts, so that no word of it is lost.
awaitable<Result<void>> ContainerMaker::launch(MachinePtr machine) {
  Engine& engine = machine->host->engine();
  Result<std::unique_ptr<async::ByteStream>> stream =
      co_await unlessGone(machine, engine.attach(machine->container));
  if (!stream) {
    co_return stream.error();
  }
  machine->session = std::make_unique<driven::DriveSession>(executor_, *std::move(stream));
  Result<void> started = co_await unlessGone(machine, engine.startContainer(machine->container));
  if (!started) {
    // It may be that somebody has removed the volume (docker volume prune).
    machine->host->autodriver = DockerHost::Autodriver::kMissing;
  }
  co_return started;
}

awaitable<Result<void>> ContainerMaker::make(MachinePtr machine) {
  // Not given up half-way, so that what it makes to look into the image is removed.
  Result<ProbedImage> image = co_await machine->host->probe(machine->spec.image, config_.owner);
  if (!image) {
    co_return image.error();
  }
  machine->processes = config_.processes;
  Result<void> done = co_await provide(machine->host, image->id);
  if (done) {
    done = co_await create(machine, *std::move(image));
  }
  if (done) {
    done = co_await launch(machine);
  }
  co_return done;
}

}  // namespace tango::vmms::docker

namespace tango::vmms {

std::filesystem::path autodriverBesideProgram() {
  return besideProgram(docker::kAutodriverName);
}

}  // namespace tango::vmms
