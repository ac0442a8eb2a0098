// The numbers of VMs: each is given once and never again, also over a crash.
#pragma once

#include <cstdint>

#include <boost/asio/awaitable.hpp>

#include "async/event.hpp"
#include "base/result.hpp"
#include "store/job_store.hpp"

namespace tango::app {

/// Takes them from the store in blocks, so that making a VM seldom waits for the disk.
class VmIds {
 public:
  VmIds(const boost::asio::any_io_executor& executor, store::JobStore& store)
      : store_(store), idle_(executor) {
    idle_.set();
  }
  boost::asio::awaitable<base::Result<std::int64_t>> next();

 private:
  store::JobStore& store_;
  async::Event idle_;  ///< nobody is fetching a block
  std::int64_t next_ = 0;
  std::int64_t end_ = 0;
};

}  // namespace tango::app
