#include "http/client_resolver.hpp"

#include <cerrno>
#include <cstring>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include <netdb.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tango::http {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::steady_timer;

Result<Addresses> systemLookUp(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failure = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (failure == EAI_SYSTEM) {
    return base::systemError(errno, "find " + host);
  }
  if (failure != 0) {
    return Error(ErrorKind::kSystem, "find " + host + ": " + ::gai_strerror(failure));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);
  Addresses addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    boost::asio::ip::tcp::endpoint endpoint;
    if (each->ai_addrlen <= endpoint.capacity()) {
      std::memcpy(endpoint.data(), each->ai_addr, each->ai_addrlen);
      addresses.push_back(endpoint.address());
    }
  }
  return addresses;
}

// What the waiting coroutine and the thread share. The timer and the executor are the coroutine's:
// it takes them back when it goes, and the thread touches them only until then.
struct Lookup {
  std::mutex mutex;
  boost::asio::any_io_executor executor;
  std::shared_ptr<steady_timer> waiting;
  std::optional<Result<Addresses>> result;
};

class Wait {
 public:
  Wait(std::shared_ptr<Lookup> lookup, const boost::asio::any_io_executor& executor,
       base::Deadline deadline)
      : lookup_(std::move(lookup)), timer_(std::make_shared<steady_timer>(executor, deadline)) {
    lookup_->executor = executor;
    lookup_->waiting = timer_;
  }
  Wait(const Wait&) = delete;
  Wait& operator=(const Wait&) = delete;
  ~Wait() {
    const std::scoped_lock lock(lookup_->mutex);
    lookup_->waiting.reset();
    lookup_->executor = {};
  }
  [[nodiscard]] steady_timer& timer() { return *timer_; }
  [[nodiscard]] std::optional<Result<Addresses>> result() const {
    const std::scoped_lock lock(lookup_->mutex);
    return lookup_->result;
  }

 private:
  const std::shared_ptr<Lookup> lookup_;
  const std::shared_ptr<steady_timer> timer_;
};

void answer(Lookup& lookup, Result<Addresses> result) {
  const std::scoped_lock lock(lookup.mutex);
  if (lookup.waiting) {
    lookup.result.emplace(std::move(result));
    boost::asio::post(lookup.executor, [timer = lookup.waiting] { timer->cancel(); });
  }
}

class Counted {
 public:
  explicit Counted(std::shared_ptr<std::atomic<std::size_t>> count) : count_(std::move(count)) {
    ++*count_;
  }
  Counted(Counted&&) = default;
  Counted& operator=(Counted&&) = delete;
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() {
    if (count_) {
      --*count_;
    }
  }

 private:
  std::shared_ptr<std::atomic<std::size_t>> count_;
};

}  // namespace

Resolver::Resolver(LookUp look_up)
    : look_up_(look_up ? std::move(look_up) : &systemLookUp),
      under_way_(std::make_shared<std::atomic<std::size_t>>(0)) {}

boost::asio::awaitable<Result<Addresses>> Resolver::resolve(std::string host,
                                                            base::Deadline deadline) const {
  boost::system::error_code no_address;
  const auto address = boost::asio::ip::make_address(host, no_address);
  if (!no_address) {
    co_return Addresses{address};
  }
  if (*under_way_ >= kLookupsMax) {
    co_return Error(ErrorKind::kSystem, "find " + host + ": too many names are being looked up");
  }
  const auto lookup = std::make_shared<Lookup>();
  const auto executor = co_await boost::asio::this_coro::executor;
  Wait wait(lookup, executor, deadline);
  try {
    std::thread([lookup, look_up = look_up_, host, counted = Counted(under_way_)] {
      answer(*lookup, look_up(host));
    }).detach();
  } catch (const std::system_error& failure) {
    co_return base::systemError(failure.code().value(), "find " + host + ": start a thread");
  }
  co_await wait.timer().async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  std::optional<Result<Addresses>> result = wait.result();
  if (!result) {
    co_return Error(ErrorKind::kTimeout, "find " + host + ": no answer in time");
  }
  if (*result && (*result)->empty()) {
    co_return Error(ErrorKind::kSystem, "find " + host + ": it has no address");
  }
  co_return *std::move(result);
}

}  // namespace tango::http
