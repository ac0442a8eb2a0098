// Which ids students' commands run as in a container.
#include <set>
#include <string>

#include <doctest/doctest.h>

#include "autodriver/student_slots.hpp"

namespace tango::autodriver {
namespace {

TEST_CASE("they lie where no system gives ids to anybody, and differ with the random number") {
  std::set<uid_t> wide;
  for (const std::uint32_t random : {0U, 1U, 2U, 0x00ff'ffffU, 0x7fff'ffffU}) {
    const uid_t first = firstStudentId(random, false, "");
    CHECK(first >= 0x7000'0000);
    CHECK(first + kStudentIds <= 0x7800'0000);
    wide.insert(first);
    const uid_t small = firstStudentId(random, true, "");
    CHECK(small >= 60'578);
    CHECK(small + kStudentIds <= 61'184);
  }
  CHECK(wide.size() == 4);  // the last two draw the same
}

TEST_CASE("none is somebody's of the image") {
  const uid_t first = firstStudentId(7, true, "");
  for (uid_t taken = first; taken < first + kStudentIds; ++taken) {
    const std::string passwd = "x:x:" + std::to_string(taken) + ":0::/:/bin/sh\n";
    const uid_t other = firstStudentId(7, true, passwd);
    CHECK((taken < other || taken >= other + kStudentIds));
  }
}

TEST_CASE("every slot has a user and a shield of its own") {
  StudentPlan plan;
  plan.slots = 3;
  plan.first_id = 1000;
  CHECK(plan.userIds() == std::vector<uid_t>{1000, 1001, 1002});
  CHECK(slotUser(plan, 2).uid == 1002);
  std::set<uid_t> all;
  for (unsigned slot = 0; slot < sandbox::kStudentRunsMax; ++slot) {
    all.insert({slotUser(plan, slot).uid, slotShield(plan, slot)});
  }
  CHECK(all.size() == kStudentIds);
  CHECK(*all.rbegin() < plan.first_id + kStudentIds);
  CHECK(slotFolder(0) == "/run/tango-student/1");
}

}  // namespace
}  // namespace tango::autodriver
