#include "store/request_queue.hpp"

#include <thread>
#include <vector>

#include <doctest/doctest.h>

namespace tango::store {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

class Held : public Request {
 public:
  explicit Held(milliseconds hold) : hold_(hold) {}
  void run(Session& /*session*/) override {}
  void fail(const base::Error& /*error*/) override {}
  [[nodiscard]] bool failed() const override { return false; }
  [[nodiscard]] bool answered() const override { return true; }
  [[nodiscard]] milliseconds hold() const override { return hold_; }
  void deliver() override {}

 private:
  const milliseconds hold_;
};

void push(RequestQueue& queue, milliseconds hold) {
  queue.push(std::make_unique<Held>(hold));
}

TEST_CASE("what may be held goes with the first that may not") {
  RequestQueue queue;
  push(queue, hours(1));
  push(queue, hours(1));
  push(queue, milliseconds(0));
  CHECK(queue.take(std::nullopt).size() == 3);
}

TEST_CASE("one that may not be held wakes a taker that holds others") {
  RequestQueue queue;
  push(queue, hours(1));
  std::size_t taken = 0;
  std::thread taker([&] { taken = queue.take(std::nullopt).size(); });
  std::this_thread::sleep_for(milliseconds(20));  // it holds; that it does not yet does no harm
  push(queue, milliseconds(0));
  taker.join();
  CHECK(taken == 2);
}

TEST_CASE("the one that may be held for the shortest decides for all") {
  RequestQueue queue;
  push(queue, hours(1));
  push(queue, milliseconds(1));
  push(queue, hours(1));
  CHECK(queue.take(std::nullopt).size() == 3);
}

TEST_CASE("a full batch is not held, and what is over comes with the next") {
  RequestQueue queue;
  for (std::size_t i = 0; i < RequestQueue::kBatchMax; ++i) {
    push(queue, hours(1));
  }
  push(queue, milliseconds(0));
  CHECK(queue.take(std::nullopt).size() == RequestQueue::kBatchMax);
  CHECK(queue.take(std::nullopt).size() == 1);
}

TEST_CASE("nothing is held once no more can come") {
  RequestQueue queue;
  push(queue, hours(1));
  queue.close();
  CHECK(queue.take(std::nullopt).size() == 1);
  CHECK(queue.take(std::nullopt).empty());
}

TEST_CASE("what comes behind a batch and may be held is taken, and so is what comes much later") {
  RequestQueue queue(milliseconds(20));
  std::vector<std::size_t> taken;
  std::thread taker([&] {
    while (taken.size() < 3) {
      taken.push_back(queue.take(std::nullopt).size());
    }
  });
  push(queue, milliseconds(0));
  push(queue, milliseconds(20));
  std::this_thread::sleep_for(milliseconds(100));  // it sleeps; that it does not yet does no harm
  push(queue, milliseconds(20));
  std::this_thread::sleep_for(milliseconds(100));
  queue.close();
  taker.join();
  CHECK(taken[0] + taken[1] + taken[2] == 3);
}

TEST_CASE("without a request it waits no longer than it is told") {
  RequestQueue queue;
  CHECK(queue.take(milliseconds(1)).empty());
}

}  // namespace
}  // namespace tango::store
