#include "scheduler/job_queue.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace tango::scheduler {
namespace {

store::WaitingJob waiting(std::int64_t id, const std::string& courselab = "lab",
                          const std::string& image = "img") {
  store::WaitingJob job{id, courselab, "vmms", {}};
  job.machine.image = image;
  return job;
}

const JobQueue::Line kLine{"vmms", "img"};

std::vector<std::int64_t> popAll(JobQueue& queue) {
  std::vector<std::int64_t> ids;
  while (queue.front(kLine) != nullptr) {
    const std::int64_t next = queue.front(kLine)->id;
    ids.push_back(queue.pop(kLine).id);
    CHECK(ids.back() == next);
  }
  return ids;
}

TEST_CASE("an empty queue has no lines, no jobs and no ranks") {
  JobQueue queue;
  CHECK(queue.lines().empty());
  CHECK(queue.front(kLine) == nullptr);
  CHECK(!queue.erase(1));
  CHECK(!queue.rank(1));
  CHECK(queue.size() == 0);
}

TEST_CASE("a courselab's jobs go by their ids, however they came") {
  JobQueue queue;
  for (const std::int64_t id : {5, 1, 4, 2}) {
    queue.push(waiting(id));
  }
  CHECK(popAll(queue) == std::vector<std::int64_t>{1, 2, 4, 5});
  CHECK(queue.size() == 0);
}

TEST_CASE("courselabs take turns") {
  JobQueue queue;
  for (const std::int64_t id : {1, 2, 3}) {
    queue.push(waiting(id, "many"));
  }
  queue.push(waiting(4, "few"));
  CHECK(popAll(queue) == std::vector<std::int64_t>{1, 4, 2, 3});
}

TEST_CASE("lines take turns, and the one that was served last comes last") {
  JobQueue queue;
  queue.push(waiting(1, "lab", "a"));
  queue.push(waiting(2, "lab", "a"));
  queue.push(waiting(3, "lab", "b"));
  CHECK(queue.lines() == std::vector<JobQueue::Line>{{"vmms", "a"}, {"vmms", "b"}});
  CHECK(queue.pop({"vmms", "a"}).id == 1);
  CHECK(queue.lines() == std::vector<JobQueue::Line>{{"vmms", "b"}, {"vmms", "a"}});
  CHECK(queue.pop({"vmms", "b"}).id == 3);
  CHECK(queue.lines() == std::vector<JobQueue::Line>{{"vmms", "a"}});
}

TEST_CASE("a job that is taken out does not hold up the others") {
  JobQueue queue;
  queue.push(waiting(1, "a"));
  queue.push(waiting(2, "b"));
  queue.push(waiting(3, "b"));
  CHECK(queue.erase(1));
  CHECK(!queue.erase(1));
  CHECK(!queue.contains(1));
  CHECK(queue.erase(2));
  CHECK(queue.pop(kLine).id == 3);
  CHECK(queue.lines().empty());
}

TEST_CASE("a rank counts the earlier jobs of the line, from 1") {
  JobQueue queue;
  queue.push(waiting(1, "a"));
  queue.push(waiting(2, "b"));
  queue.push(waiting(3, "a", "other"));
  queue.push(waiting(4, "a"));
  CHECK(queue.rank(1) == 1);
  CHECK(queue.rank(2) == 2);
  CHECK(queue.rank(3) == 1);
  CHECK(queue.rank(4) == 3);
  static_cast<void>(queue.pop(kLine));
  CHECK(queue.rank(4) == 2);
}

TEST_CASE("a hundred thousand jobs are taken in and out again") {
  constexpr std::int64_t kJobs = 100'000;
  JobQueue queue;
  for (std::int64_t id = 1; id <= kJobs; ++id) {
    queue.push(waiting(id, "lab" + std::to_string(id % 100)));
  }
  for (std::int64_t id = 2; id <= kJobs; id += 2) {
    CHECK(queue.erase(id));
  }
  CHECK(queue.size() == kJobs / 2);
  CHECK(popAll(queue).size() == kJobs / 2);
}

}  // namespace
}  // namespace tango::scheduler
