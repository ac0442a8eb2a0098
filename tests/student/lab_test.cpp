// The example lab that handins try to cheat: each gets the score that it deserves. (Its
// autograde.tar is made by `make -C examples`.)
#include <fstream>
#include <sstream>

#include <doctest/doctest.h>

#include "student/student_jobs.hpp"

namespace tango {
namespace {

using test::bodyOf;
using test::StudentJobs;

const std::string kLab = TANGO_EXAMPLES "/student-lab/";
const std::string kForged = R"({"scores": {"Small": 40, "Squares": 30, "Large": 30}})";

std::string contentOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE_MESSAGE(file, path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string lastLine(const std::string& text) {
  const std::size_t end = text.find_last_not_of('\n');
  const std::size_t begin = text.rfind('\n', end);
  return text.substr(begin + 1, end - begin);
}

std::string grade(StudentJobs& jobs, const std::string& handin, const std::string& makefile) {
  return bodyOf(jobs.run({{"Makefile", makefile},
                          {"autograde.tar", contentOf(kLab + "job/autograde.tar")},
                          {"factor.py", contentOf(kLab + "handins/" + handin + "/factor.py")}}));
}

TEST_CASE("honest handins and forging ones get the score that they deserve") {
  StudentJobs jobs;
  const std::string makefile = contentOf(kLab + "job/autograde-Makefile");
  std::istringstream expected(contentOf(TANGO_EXAMPLES "/expected.txt"));
  int handins = 0;
  for (std::string line; std::getline(expected, line);) {
    if (!line.starts_with("student-lab\t")) {
      continue;
    }
    const std::size_t begin = line.find('\t') + 1;
    const std::string handin = line.substr(begin, line.find('\t', begin) - begin);
    CAPTURE(handin);
    const std::string body = grade(jobs, handin, makefile);
    CAPTURE(body);
    CHECK(lastLine(body) == lastLine(line.substr(line.rfind('\t') + 1)));
    ++handins;
  }
  CHECK(handins == 10);
}

TEST_CASE("without the word in the Makefile, the same handins do forge") {
  StudentJobs jobs;
  std::string makefile = contentOf(kLab + "job/autograde-Makefile");
  const std::size_t word = makefile.find("tango-student");
  makefile.erase(word, makefile.find('\n', word) - word);
  for (const std::string handin : {"forge-answers", "forge-score"}) {
    const std::string body = grade(jobs, handin, makefile);
    CAPTURE(body);
    CHECK(test::contains(body, kForged));
  }
}

}  // namespace
}  // namespace tango
