#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include "async/event.hpp"
#include "async/offload.hpp"
#include "async/uncancelled.hpp"
#include "aws/credential_source.hpp"
#include "aws/credentials.hpp"
#include "aws/instance_metadata.hpp"
#include "base/log.hpp"

namespace tango::aws {
namespace {

namespace asio = boost::asio;
using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;

// An instance's metadata has new credentials five minutes before the old ones expire.
constexpr base::UnixMillis kEarlyMs = 5LL * 60 * 1000;
// Where it has none yet, it is not asked again and again.
constexpr base::UnixMillis kPauseMs = 60LL * 1000;

using Source = Result<Given> (*)(const CredentialSources& sources);

// One search, for all who wait for it.
struct Search {
  explicit Search(const asio::any_io_executor& executor) : over(executor) {}
  async::Event over;
  std::optional<Result<Credentials>> result;  ///< absent: who searched was cancelled
};

class Chain : public CredentialChain {
 public:
  Chain(asio::any_io_executor executor, asio::thread_pool& blocking, CredentialSources sources,
        base::WallClock now)
      : executor_(std::move(executor)),
        blocking_(blocking),
        sources_(std::make_shared<const CredentialSources>(std::move(sources))),
        now_(std::move(now)),
        metadata_(executor_, *sources_) {}

  awaitable<Result<Credentials>> find() override;
  void refused() override;
  std::string source() const override { return source_; }
  awaitable<std::string> region() override;

 private:
  awaitable<Result<Credentials>> search(std::shared_ptr<Search> mine);
  awaitable<Result<Given>> ask(Source source);
  awaitable<Result<Given>> firstGiven();
  Result<Credentials> keep(Given given);
  Result<Credentials> keepOld(const Error& failure);
  std::vector<Source> sourcesInOrder() const;

  const asio::any_io_executor executor_;
  asio::thread_pool& blocking_;
  const std::shared_ptr<const CredentialSources> sources_;
  const base::WallClock now_;
  InstanceMetadata metadata_;
  std::optional<Credentials> kept_;
  std::optional<base::UnixMillis> next_;  ///< when to look anew; absent: never
  std::shared_ptr<Search> search_;        ///< the one that is under way
  std::string source_;
  std::set<std::string> warned_;
};

// Ends a search, also where it is cancelled.
class SearchEnd {
 public:
  SearchEnd(std::shared_ptr<Search>& current, std::shared_ptr<Search> mine)
      : current_(current), mine_(std::move(mine)) {}
  SearchEnd(const SearchEnd&) = delete;
  SearchEnd& operator=(const SearchEnd&) = delete;
  ~SearchEnd() {
    if (current_ == mine_) {
      current_.reset();
    }
    mine_->over.set();
  }

 private:
  std::shared_ptr<Search>& current_;
  std::shared_ptr<Search> mine_;
};

awaitable<Result<Credentials>> Chain::find() {
  for (;;) {
    if (kept_ && (!next_ || now_() < *next_)) {
      co_return *kept_;
    }
    if (!search_) {
      search_ = std::make_shared<Search>(executor_);
      Result<Credentials> found = co_await search(search_);
      co_return found;
    }
    const std::shared_ptr<Search> other = search_;
    co_await other->over.wait();
    if (other->result) {
      co_return *other->result;
    }
  }
}

awaitable<Result<Credentials>> Chain::search(std::shared_ptr<Search> mine) {
  const SearchEnd end(search_, mine);
  Result<Given> given = co_await firstGiven();
  const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) {
    co_return Error(ErrorKind::kCancelled, "the search for AWS credentials was cancelled");
  }
  if (search_ != mine) {  // refused meanwhile: good for who waits, if for anyone
    mine->result = given ? Result<Credentials>(*given->credentials) : given.error();
  } else {
    mine->result = given ? keep(*std::move(given)) : keepOld(given.error());
  }
  co_return *mine->result;
}

std::vector<Source> Chain::sourcesInOrder() const {
  if (profileIsConfigured(*sources_)) {
    return {fromConfiguration, fromProfile, fromBoto};
  }
  return {fromConfiguration, fromEnvironment, fromProfile, fromBoto};
}

// To its end once it is begun: a coroutine that is cancelled would go on where it is, and that may
// be a thread that is not its own.
awaitable<Result<Given>> Chain::ask(Source source) {
  Result<Given> given = co_await async::uncancelled(
      async::offload(blocking_, [source, sources = sources_] { return source(*sources); }));
  co_return given;
}

awaitable<Result<Given>> Chain::firstGiven() {
  std::string places;
  for (const Source source : sourcesInOrder()) {
    Result<Given> given = co_await ask(source);
    if (!given || given->credentials) {
      co_return given;
    }
    places += given->place + "; ";
  }
  Result<Given> given = co_await metadata_.credentials();
  if (!given || given->credentials) {
    co_return given;
  }
  co_return Error(ErrorKind::kNotFound,
                  "there are no AWS credentials; looked for in: " + places + given->place);
}

Result<Credentials> Chain::keep(Given given) {
  kept_ = std::move(given.credentials);
  source_ = std::move(given.place);
  next_.reset();
  if (kept_->expires) {
    next_ = std::max(*kept_->expires * 1000 - kEarlyMs, now_() + kPauseMs);
  }
  if (!given.open_file.empty() && warned_.insert(given.open_file).second) {
    base::logWarning("aws: " + given.open_file +
                     " has credentials in it and can be read by others: chmod 600 it");
  }
  return *kept_;
}

// The old ones are good until they expire, whatever the new ones wait for.
Result<Credentials> Chain::keepOld(const Error& failure) {
  const bool good = kept_ && kept_->expires && now_() < *kept_->expires * 1000;
  if (!good || failure.kind() != ErrorKind::kSystem) {
    kept_.reset();
    return failure;
  }
  next_ = now_() + kPauseMs;
  return *kept_;
}

void Chain::refused() {
  kept_.reset();
  search_.reset();
}

bool isRegion(const std::string& text) {
  constexpr std::size_t kRegionMax = 63;  // it is a part of a host's name
  return text.size() <= kRegionMax && std::all_of(text.begin(), text.end(), [](char each) {
           return (each >= 'a' && each <= 'z') || (each >= '0' && each <= '9') || each == '-';
         });
}

awaitable<std::string> Chain::region() {
  const Result<std::string> named = co_await async::uncancelled(
      async::offload(blocking_, [sources = sources_] { return regionOfProfile(*sources); }));
  std::string region = named ? *named : "";
  if (region.empty()) {
    region = co_await metadata_.region();
  }
  if (!isRegion(region)) {
    base::logWarning("aws: the region that the environment or the profile names is none");
    region.clear();
  }
  co_return region;
}

}  // namespace

std::unique_ptr<CredentialChain> CredentialChain::make(boost::asio::any_io_executor executor,
                                                       boost::asio::thread_pool& blocking,
                                                       CredentialSources sources,
                                                       base::WallClock now) {
  return std::make_unique<Chain>(std::move(executor), blocking, std::move(sources), std::move(now));
}

}  // namespace tango::aws
