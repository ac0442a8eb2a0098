#include "tango/serve/serve.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <thread>

#include <unistd.h>

#include <boost/asio/co_spawn.hpp>

#include "api/prealloc_record.hpp"
#include "api/v1/routes.hpp"
#include "api/wire/routes.hpp"
#include "base/log.hpp"
#include "images/data_folder.hpp"
#include "store/sqlite_job_store.hpp"
#include "tango/serve/data_folder_lock.hpp"
#include "tango/serve/open_files.hpp"
#include "tango/serve/owner_word.hpp"
#include "tango/service_key.hpp"

namespace tango::app {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;

constexpr const char* kSandbox = "sandbox";
constexpr std::size_t kBlockingThreads = 4;
// What an answer under way may still take once the service is to end.
constexpr base::Millis kLastAnswers{2'000};

/// What jobs of the sandbox may use together, where the configuration does not say.
vmms::Capacity machineCapacity(const config::Sandbox& wanted) {
  vmms::Capacity capacity;
  const auto cores = static_cast<std::uint64_t>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
  const auto pages = static_cast<std::uint64_t>(std::max(1L, ::sysconf(_SC_PHYS_PAGES)));
  const auto page_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  capacity.cpu_millis = wanted.cpu_millis > 0 ? wanted.cpu_millis : cores * 1000;
  capacity.memory_bytes =
      wanted.memory_bytes > 0 ? wanted.memory_bytes : pages * page_bytes / 4 * 3;
  capacity.vms = wanted.vms_max;
  return capacity;
}

base::Millis days(int count) {
  return std::chrono::hours(24) * count;
}

}  // namespace

Serve::Serve(config::ServiceConfig config, std::vector<std::string> given_keys)
    : config_(std::move(config)),
      given_keys_(std::move(given_keys)),
      blocking_(kBlockingThreads),
      signals_(context_, SIGINT, SIGTERM, SIGHUP),
      docker_(context_.get_executor(), blocking_, registry_),
      remote_(context_.get_executor(), blocking_, registry_),
      tasks_(context_.get_executor()),
      stop_(context_.get_executor()) {}

// Whatever still waits on one of the parts must not go on once they are destroyed.
Serve::~Serve() {
  context_.stop();
  blocking_.join();
}

Result<void> Serve::openData() {
  Result<base::UniqueFd> folder = images::openDataFolder(config_.data_folder);
  if (!folder) {
    return folder.error();
  }
  data_folder_ = *std::move(folder);
  Result<base::UniqueFd> lock = lockDataFolder(data_folder_.get());
  if (!lock) {
    return lock.error();
  }
  lock_ = *std::move(lock);
  auto blobs = files::BlobStore::open(data_folder_.get(), config_.data_folder);
  if (!blobs) {
    return blobs.error();
  }
  blobs_ = *std::move(blobs);
  auto outputs = files::Outputs::openIn(data_folder_.get());
  if (!outputs) {
    return outputs.error();
  }
  outputs_ = *std::move(outputs);
  auto store =
      store::SqliteJobStore::open(context_.get_executor(), config_.data_folder / "tango.db");
  if (!store) {
    return store.error();
  }
  store_ = *std::move(store);
  return {};
}

Result<void> Serve::startSandbox() {
  const vmms::Capacity capacity = machineCapacity(config_.sandbox);
  vmms::SandboxConfig config;
  config.find_image = sandboxImages(config_.data_folder);
  config.allow_unenforced = config_.sandbox.allow_unenforced;
  // A slot for each job that can run at once, and as many that are renewed meanwhile.
  config.warm_slots_max = std::max<std::size_t>(1, capacity.cpu_millis / 1000) * 2;
  auto started = vmms::SandboxVmms::start(context_.get_executor(), std::move(config));
  if (!started) {
    return started.error();
  }
  sandbox_ = *std::move(started);
  sandbox_images_ = std::make_unique<SandboxImages>(config_.data_folder, blocking_);
  registry_.backends[kSandbox] = {sandbox_.get(), sandbox_.get(), sandbox_images_.get(), capacity};
  registry_.backends[kSandbox].images_watched = true;
  Result<ImageWatch> watch = ImageWatch::start(context_.get_executor(), data_folder_.get(),
                                               [this](const std::string& image) {
                                                 sandbox_->imageChanged(image);
                                                 pools_->renewImage(kSandbox, image);
                                               });
  if (!watch) {
    return watch.error();
  }
  image_watch_.emplace(*std::move(watch));
  return {};
}

// What is not on this machine is reached later, once there is somebody to be told of it.
Result<void> Serve::makeElsewhere() {
  if (!config_.local_docker.enabled && !config_.dist_docker.enabled && !config_.ec2_ssh.enabled &&
      !config_.tashi_ssh.enabled) {
    return {};
  }
  const Result<std::string> owner = ownerWord(data_folder_.get());
  if (!owner) {
    return owner.error();
  }
  if (Result<void> made = docker_.make(config_, *owner); !made) {
    return made;
  }
  return remote_.make(config_, *owner);
}

void Serve::assemble() {
  const auto executor = context_.get_executor();
  registry_.vmms_of_image = config_.vmms_of_image;
  registry_.default_vmms = config_.default_vmms;
  vm_ids_.emplace(executor, *store_);
  pools_ =
      pool::Pools::make(executor, registry_, config_.pools, [this] { return vm_ids_->next(); });
  docker_.onChanged([this] { pools_->capacityChanged(); });
  scheduler_ = scheduler::Scheduler::make(
      executor,
      {*store_, *outputs_, *pools_, registry_, blocking_,
       [this](const std::string& sha256) { return blobs_->path(sha256); }},
      config_.scheduler);
  notifier_ = notify::Notifier::make(executor, *store_, config_.callbacks,
                                     [this](std::int64_t job) { return outputs_->open(job); });
  scheduler_->onEnded([this](std::int64_t /*id*/, bool calls_back) {
    if (calls_back) {
      notifier_->wake();
    }
  });
  history::HistoryConfig history;
  history.ended_jobs_age_max = days(config_.history.days);
  history.ended_jobs_max = config_.history.jobs_max;
  history.unused_files_age_max = days(config_.history.unused_files_days);
  history.interval = config_.history.look_every;
  history_.emplace(executor, *store_, *blobs_, *outputs_, blocking_, history);
  keys_.emplace(executor, config_.keys);
  service_.emplace(api::Service{config_, *keys_, *store_, *blobs_, *outputs_, *scheduler_, *pools_,
                                *notifier_, registry_, blocking_, base::unixNow,
                                base::SteadyClock::now(), &stop_});
  api::addWireRoutes(router_, *service_);
  api::addV1Routes(router_, *service_);
}

Result<void> Serve::listen() {
  auto server = http::Server::listen(context_.get_executor(), config_.server, router_);
  if (!server) {
    return server.error();
  }
  server_ = *std::move(server);
  return {};
}

awaitable<Result<void>> Serve::preallocate() {
  Result<std::map<std::string, std::string>> stored = co_await store_->preallocations();
  if (!stored) {
    co_return stored.error();
  }
  const auto keep = [this](const pool::PoolKey& key, std::uint64_t vms) {
    const Result<void> kept = pools_->preallocate(key, vms);
    if (!kept) {
      base::logWarning("preallocate " + key.machine.image + ": " + kept.error().message());
    }
  };
  for (const config::Prealloc& wanted : config_.prealloc) {
    pool::PoolKey key{registry_.vmmsFor(wanted.vmms, wanted.image), config_.machine};
    key.machine.image = wanted.image;
    key.machine.cpu_millis = wanted.cpu_millis > 0 ? wanted.cpu_millis : key.machine.cpu_millis;
    key.machine.memory_bytes =
        wanted.memory_bytes > 0 ? wanted.memory_bytes : key.machine.memory_bytes;
    keep(key, wanted.vms);
  }
  // What a client asked for since counts more than what the file says.
  for (const auto& [key, value] : *stored) {
    if (const auto record = api::decodePrealloc(key, value)) {
      keep(record->key, record->vms);
    }
  }
  co_return Result<void>();
}

awaitable<Result<void>> Serve::takeUp() {
  co_await docker_.start();
  co_await remote_.start();
  co_await pools_->reap();
  Result<void> recovered = co_await scheduler_->recover();
  if (!recovered) {
    co_return recovered.error().during("take up the unfinished jobs");
  }
  Result<void> preallocated = co_await preallocate();
  co_return preallocated;
}

void Serve::announce() const {
  const bool v6 = config_.server.host.find(':') != std::string::npos;
  std::printf("listening on %s://%s%s%s:%u\n", config_.server.tls_cert.empty() ? "http" : "https",
              v6 ? "[" : "", config_.server.host.c_str(), v6 ? "]" : "",
              static_cast<unsigned>(server_->port()));
  std::fflush(stdout);
}

awaitable<void> Serve::live() {
  const Result<void> up = co_await takeUp();
  if (up) {
    tasks_.start(notifier_->run());
    tasks_.start(history_->run());
    tasks_.start(server_->run());
    if (image_watch_) {
      tasks_.start(image_watch_->run());
    }
    announce();
    co_await stop_.wait();
  } else {
    failure_ = up.error();
  }
  co_await shutDown();
  signals_.cancel();
}

// The running jobs may end, and those who wait for them are answered; then the rest goes back to
// the queue. What is owed besides is in the store.
awaitable<void> Serve::shutDown() {
  const base::Deadline deadline = base::after(config_.drain);
  server_->stop(kLastAnswers);
  co_await scheduler_->drain(deadline);
  notifier_->stop();
  history_->stop();
  if (image_watch_) {
    image_watch_->stop();
  }
  co_await pools_->drain(base::after(config_.pools.destroy_timeout));
  co_await docker_.stop();
  co_await remote_.stop();
  co_await tasks_.allEnded();
}

// SIGTERM and SIGINT end the service in order, and a second one at once: whatever is killed,
// nothing is lost. SIGHUP: the TLS certificate was renewed.
void Serve::watchSignals() {
  signals_.async_wait([this](boost::system::error_code failure, int signal) {
    if (failure) {
      return;
    }
    if (signal == SIGHUP) {
      const Result<void> reloaded = server_->reloadTls();
      if (reloaded) {
        base::logInfo("TLS certificate read again");
      } else {
        base::logError("TLS certificate: " + reloaded.error().message());
      }
    } else if (stop_.isSet()) {
      std::signal(signal, SIG_DFL);
      std::raise(signal);
    } else {
      base::logInfo("stopping");
      stop_.set();
    }
    watchSignals();
  });
}

Result<void> Serve::run() {
  std::signal(SIGPIPE, SIG_IGN);
  config_.server.connections_max = connectionsThatFit(config_.server.connections_max);
  if (Result<void> opened = openData(); !opened) {
    return opened;
  }
  Result<ServiceKeys> keys =
      serviceKeys(given_keys_.empty() ? config_.keys : given_keys_, data_folder_.get(),
                  config_.data_folder, config_.server.host);
  if (!keys) {
    return keys.error();
  }
  if (keys->made) {
    std::fprintf(stderr, "tango: made a key for clients, in %s\n", keys->made_at.c_str());
  }
  config_.keys = keys->keys;
  if (config_.sandbox.enabled) {
    if (Result<void> started = startSandbox(); !started) {
      return started;
    }
  }
  if (Result<void> made = makeElsewhere(); !made) {
    return made;
  }
  if (!registry_.backends.contains(config_.default_vmms)) {
    return Error(ErrorKind::kInvalid, "the VMMS '" + config_.default_vmms + "' is not configured");
  }
  assemble();
  if (Result<void> listening = listen(); !listening) {
    return listening;
  }
  watchSignals();
  boost::asio::co_spawn(context_, live(), [this](const std::exception_ptr& thrown) {
    if (thrown) {
      std::rethrow_exception(thrown);
    }
    // Programs that a part keeps at hand (ssh, connected to a host) are watched until it goes.
    context_.stop();
  });
  context_.run();
  return failure_ ? Result<void>(*failure_) : Result<void>();
}

}  // namespace tango::app
