// The service: the one place that names the concrete parts and puts them together.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>

#include "api/keys.hpp"
#include "api/service.hpp"
#include "async/event.hpp"
#include "async/task_group.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "config/service_config.hpp"
#include "files/blob_store.hpp"
#include "files/outputs.hpp"
#include "history/history_keeper.hpp"
#include "http/router.hpp"
#include "http/server.hpp"
#include "notify/notifier.hpp"
#include "pool/pools.hpp"
#include "scheduler/scheduler.hpp"
#include "store/job_store.hpp"
#include "tango/sandbox_images.hpp"
#include "tango/serve/docker_backends.hpp"
#include "tango/serve/image_watch.hpp"
#include "tango/serve/remote_backends.hpp"
#include "tango/serve/vm_ids.hpp"
#include "vmms/registry.hpp"
#include "vmms/sandbox/sandbox_vmms.hpp"

namespace tango::app {

class Serve {
 public:
  /// `config.data_folder` is set; `given_keys` are those of the command line.
  Serve(config::ServiceConfig config, std::vector<std::string> given_keys);
  ~Serve();
  Serve(const Serve&) = delete;
  Serve& operator=(const Serve&) = delete;

  /// Runs until a signal has ended it in order, or until it cannot start. Prints one line when it
  /// is ready: `listening on http://HOST:PORT`.
  base::Result<void> run();

 private:
  base::Result<void> openData();
  base::Result<void> startSandbox();
  base::Result<void> makeElsewhere();
  void assemble();
  base::Result<void> listen();
  boost::asio::awaitable<void> live();
  boost::asio::awaitable<base::Result<void>> takeUp();
  boost::asio::awaitable<base::Result<void>> preallocate();
  void announce() const;
  void watchSignals();
  boost::asio::awaitable<void> shutDown();

  config::ServiceConfig config_;
  const std::vector<std::string> given_keys_;

  // In the order in which they stand on each other; destroyed the other way round.
  base::UniqueFd data_folder_;
  base::UniqueFd lock_;
  boost::asio::io_context context_{1};
  boost::asio::thread_pool blocking_;
  boost::asio::signal_set signals_;
  std::unique_ptr<files::BlobStore> blobs_;
  std::unique_ptr<files::Outputs> outputs_;
  std::unique_ptr<store::JobStore> store_;
  std::optional<VmIds> vm_ids_;
  std::unique_ptr<vmms::SandboxVmms> sandbox_;
  std::unique_ptr<SandboxImages> sandbox_images_;
  std::optional<ImageWatch> image_watch_;
  vmms::Registry registry_;
  DockerBackends docker_;
  RemoteBackends remote_;
  std::unique_ptr<pool::Pools> pools_;
  std::unique_ptr<scheduler::Scheduler> scheduler_;
  std::unique_ptr<notify::Notifier> notifier_;
  std::optional<history::HistoryKeeper> history_;
  std::optional<api::Keys> keys_;
  std::optional<api::Service> service_;
  http::Router router_;
  std::unique_ptr<http::Server> server_;
  async::TaskGroup tasks_;
  async::Event stop_;
  std::optional<base::Error> failure_;
};

}  // namespace tango::app
