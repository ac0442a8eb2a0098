// What the handlers work with; all borrowed, for the service's life.
#pragma once

#include <boost/asio/thread_pool.hpp>

#include "api/keys.hpp"
#include "async/event.hpp"
#include "base/clock.hpp"
#include "config/service_config.hpp"
#include "files/blob_store.hpp"
#include "files/outputs.hpp"
#include "notify/notifier.hpp"
#include "pool/pools.hpp"
#include "scheduler/scheduler.hpp"
#include "store/job_store.hpp"
#include "vmms/registry.hpp"

namespace tango::api {

struct Service {
  const config::ServiceConfig& config;
  Keys& keys;
  store::JobStore& store;
  files::BlobStore& blobs;
  files::Outputs& outputs;
  scheduler::Scheduler& scheduler;
  pool::Pools& pools;
  notify::Notifier& notifier;
  const vmms::Registry& registry;
  boost::asio::thread_pool& blocking;  ///< for what blocks
  base::WallClock now = base::unixNow;
  base::Deadline started = base::SteadyClock::now();
  /// Set once the service is to end: whoever waits for a job's end is answered then. Null: never.
  async::Event* stopping = nullptr;
};

}  // namespace tango::api
