#include "tango/serve/vm_ids.hpp"

namespace tango::app {
namespace {

constexpr std::int64_t kBlock = 1000;

}  // namespace

boost::asio::awaitable<base::Result<std::int64_t>> VmIds::next() {
  while (next_ == end_) {
    if (!idle_.isSet()) {
      co_await idle_.wait();
      continue;
    }
    idle_.reset();
    const base::Result<std::int64_t> first = co_await store_.reserveVmIds(kBlock);
    idle_.set();
    if (!first) {
      co_return first.error();
    }
    next_ = *first;
    end_ = *first + kBlock;
  }
  co_return next_++;
}

}  // namespace tango::app
