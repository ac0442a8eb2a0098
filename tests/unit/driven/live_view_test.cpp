#include "vmms/driven/live_view.hpp"

#include <doctest/doctest.h>

using tango::base::HeadTail;
using tango::vmms::driven::LiveView;

TEST_CASE("pieces that follow one another are shown as a whole") {
  LiveView view(100);
  view.append(0, "one ");
  view.append(4, "two");
  CHECK(view.text() == "one two");
}

TEST_CASE("over the limit the first and the last half are shown") {
  LiveView view(4);
  view.append(0, "abc");
  view.append(3, "def");
  CHECK(view.text() == "ab" + std::string(HeadTail::kElided) + "ef");
}

TEST_CASE("where something was left out the beginning and the newest piece are shown") {
  LiveView view(20);
  view.append(0, "beginning");
  view.append(1000, "newer");
  CHECK(view.text() == "beginning" + std::string(HeadTail::kElided) + "newer");
  view.append(1005, ", newest");
  CHECK(view.text() == "beginning" + std::string(HeadTail::kElided) + "er, newest");
  view.append(5000, "last");
  CHECK(view.text() == "beginning" + std::string(HeadTail::kElided) + "last");
}

TEST_CASE("a view of nothing is empty") {
  CHECK(LiveView(0).text().empty());
}
