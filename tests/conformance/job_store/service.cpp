#include <algorithm>
#include <cctype>
#include <limits>
#include <map>
#include <string>

#include "conformance/job_store/trial.hpp"

namespace tango::test {
namespace {

using base::ErrorKind;

TEST_CASE_FIXTURE(Trial, "the numbers of VMs begin at 1000 and are given once") {
  CHECK(get(store().reserveVmIds(1)) == 1000);
  CHECK(get(store().reserveVmIds(10)) == 1001);
  reopen();
  CHECK(get(store().reserveVmIds(1)) == 1011);
  for (const std::int64_t bad :
       {std::int64_t{0}, std::int64_t{-1}, std::numeric_limits<std::int64_t>::max()}) {
    CHECK(refused(store().reserveVmIds(bad)) == ErrorKind::kInvalid);
  }
  CHECK(get(store().reserveVmIds(1)) == 1012);
}

TEST_CASE_FIXTURE(Trial, "preallocations stay until they are set anew") {
  CHECK(get(store().preallocations()).empty());
  done(store().setPreallocation("a", "1"));
  done(store().setPreallocation("b", ""));
  done(store().setPreallocation("a", "2"));
  reopen();
  CHECK(get(store().preallocations()) == std::map<std::string, std::string>{{"a", "2"}, {"b", ""}});
}

TEST_CASE_FIXTURE(Trial, "counters add up over restarts") {
  CHECK(get(store().counters()).empty());
  store().count("jobs", 1);
  store().count("jobs", 2);
  store().count("retries", -1);
  reopen();
  store().count("jobs", 4);
  reopen();
  CHECK(get(store().counters()) ==
        std::map<std::string, std::int64_t>{{"jobs", 7}, {"retries", -1}});
}

TEST_CASE_FIXTURE(Trial, "a data folder has a name of its own") {
  const std::string owner = store().owner();
  CHECK(owner.size() == 32);
  CHECK(std::ranges::all_of(owner, [](unsigned char c) { return std::isxdigit(c) != 0; }));
  reopen();
  CHECK(store().owner() == owner);
  Trial other;
  CHECK(other.store().owner() != owner);
}

}  // namespace
}  // namespace tango::test
