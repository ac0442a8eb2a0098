#include "tango/bench/page.hpp"

#include <string>

#include <doctest/doctest.h>

#include "tango/bench/charts.hpp"
#include "tango/bench/json.hpp"
#include "tango/bench/sections.hpp"

using namespace tango::bench;

namespace {

JobRecord recordAt(double added) {
  JobRecord record;
  record.added_ms = added;
  record.ended_ms = added + 6;
  record.phases = {1, 1, 1, 1, 1, 1};
  return record;
}

Burst burstOf(std::size_t jobs) {
  Burst burst;
  burst.jobs = jobs;
  burst.adding_seconds = 0.5;
  burst.seconds = 2;
  burst.bare_seconds = 1;
  burst.records.reserve(jobs);
  for (std::size_t at = 0; at < jobs; ++at) {
    burst.records.push_back(recordAt(static_cast<double>(at)));
  }
  return burst;
}

std::size_t countOf(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
    ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("nothing in a text is markup") {
  CHECK(escaped("<script>a&b</script>") == "&lt;script&gt;a&amp;b&lt;/script&gt;");
  CHECK(escaped("\"it's\"") == "&quot;it&#39;s&quot;");
  CHECK(escaped("plain \xc3\xa9") == "plain \xc3\xa9");
}

TEST_CASE("what XML cannot hold is shown as what it is") {
  CHECK(escaped(std::string("a\0b\x1b", 4)) == "a\\x00b\\x1b");
  CHECK(escaped("\xff") == "\xef\xbf\xbd");
}

TEST_CASE("a page with text of others has none of their markup") {
  Report report;
  report.image = "<img src=x>";
  report.command_line = "tango bench --image '<img src=x>'";
  const std::string page = pageOf(report);
  CHECK(page.find("<img") == std::string::npos);
  CHECK(page.find("&lt;img src=x&gt;") != std::string::npos);
}

TEST_CASE("the timeline draws each job, or a sample of many") {
  CHECK(countOf(burstChart(burstOf(7)), "phase3") == 7);
  CHECK(countOf(burstChart(burstOf(1000)), "phase3") == kTimelineJobsMax);
  CHECK(countOf(unqueuedChart(burstOf(1000)), "phase3") == kTimelineJobsMax);
}

TEST_CASE("parts that were left out are null, and no table") {
  const Report report;
  const boost::json::object json = jsonOf(report);
  CHECK(json.at("latency").is_null());
  CHECK(json.at("burst").is_null());
  CHECK(json.at("steady").is_null());
  CHECK(json.at("cost").is_null());
  CHECK(sectionsOf(report).empty());
}

TEST_CASE("the burst's ratio is that of the rates") {
  Report report;
  report.burst = burstOf(100);
  const boost::json::object json = jsonOf(report);
  const boost::json::object& burst = json.at("burst").as_object();
  CHECK(burst.at("jobs_per_second").as_double() == 50);
  CHECK(burst.at("bare_makes_per_second").as_double() == 100);
  CHECK(burst.at("added_per_second").as_double() == 200);
  CHECK(burst.at("ratio").as_double() == 0.5);
}

TEST_CASE("the rest of a latency is what is in no phase") {
  Latencies latencies;
  latencies.tango = {10, 8};
  latencies.phases = {recordAt(0).phases, PhaseTimes{}};
  CHECK(restOf(latencies) == std::vector<double>{4, 8});
}
