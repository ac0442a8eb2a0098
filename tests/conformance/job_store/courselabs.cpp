#include <map>
#include <string>
#include <vector>

#include "conformance/job_store/trial.hpp"

namespace tango::test {
namespace {

using base::ErrorKind;
using store::Courselab;
using store::PutFile;
using Names = std::map<std::string, std::string>;

TEST_CASE_FIXTURE(Trial, "a courselab is made once and stays") {
  CHECK(get(store().openCourselab("new", 10)).created);
  CHECK(!get(store().openCourselab("new", 10)).created);
  reopen();
  CHECK(!get(store().openCourselab("new", 10)).created);
  done(store().findCourselab("new"));
  CHECK(refused(store().findCourselab("other")) == ErrorKind::kNotFound);
  CHECK(get(store().courselabs()) == std::vector<std::string>{"lab", "new"});
}

TEST_CASE_FIXTURE(Trial, "a courselab that nobody waited for is made all the same") {
  {
    auto ignored = store().openCourselab("unwatched", 10);
  }
  CHECK(!get(store().openCourselab("unwatched", 10)).created);
}

TEST_CASE_FIXTURE(Trial, "an open courselab tells the md5 of its files") {
  const Courselab lab = get(store().openCourselab("lab", 10));
  CHECK(lab.files == Names{{"Makefile", std::string(32, 'b')}, {"main.c", std::string(32, 'a')}});
  CHECK(get(store().openCourselab("empty", 10)).files.empty());
}

TEST_CASE_FIXTURE(Trial, "of many files those that were uploaded last are told") {
  upload("old", 'c', kNoon - kDay);
  upload("new", 'd', kNoon + kDay);
  const Courselab lab = get(store().openCourselab("lab", 3));
  CHECK(lab.files.size() == 3);
  CHECK(lab.files.contains("new"));
  CHECK(!lab.files.contains("old"));
  CHECK(get(store().openCourselab("lab", 0)).files.empty());
}

TEST_CASE_FIXTURE(Trial, "of many files those that a job used last are told") {
  upload("other", 'c', kNoon + kHour);
  upload("another", 'c', kNoon + kHour);
  add(submission(), kNoon + kDay);
  const Courselab lab = get(store().openCourselab("lab", 2));
  CHECK(lab.files.contains("main.c"));
  CHECK(lab.files.contains("Makefile"));
}

TEST_CASE_FIXTURE(Trial, "the same content under the same name is the same file") {
  CHECK(get(store().putFile("lab", "main.c", blobOf('a'), kNoon)) == PutFile::kSame);
  CHECK(get(store().putFile("lab", "main.c", blobOf('c'), kNoon)) == PutFile::kUploaded);
  CHECK(get(store().putFile("lab", "main.c", blobOf('c'), kNoon)) == PutFile::kSame);
  CHECK(get(store().putFile("lab", "copy.c", blobOf('c'), kNoon)) == PutFile::kUploaded);
  reopen();
  const auto files = get(store().files("lab"));
  REQUIRE(files.size() == 3);
  CHECK(files.at("main.c").sha256 == blobOf('c').sha256);
  CHECK(files.at("main.c").md5 == blobOf('c').md5);
  CHECK(files.at("main.c").bytes == 10);
  CHECK(files.at("copy.c").sha256 == blobOf('c').sha256);
}

TEST_CASE_FIXTURE(Trial, "a courselab that is not there has no files and takes none") {
  CHECK(refused(store().putFile("other", "f", blobOf('a'), kNoon)) == ErrorKind::kNotFound);
  CHECK(refused(store().files("other")) == ErrorKind::kNotFound);
  CHECK(get(store().courselabs()) == std::vector<std::string>{"lab"});
}

TEST_CASE_FIXTURE(Trial, "names are bytes, whatever they hold") {
  const std::vector<std::string> names = {
      "'; DROP TABLE job; --", "\xff\xfe not UTF-8", "a\nb", "%ID%", std::string("nul\0inside", 10),
      std::string(255, 'x'),   "\xf0\x9f\x9a\x80",
  };
  for (const std::string& name : names) {
    CHECK(get(store().openCourselab(name, 10)).created);
    CHECK(get(store().putFile(name, name, blobOf('a'), kNoon)) == PutFile::kUploaded);
  }
  reopen();
  for (const std::string& name : names) {
    CHECK(get(store().openCourselab(name, 10)).files == Names{{name, std::string(32, 'a')}});
  }
}

TEST_CASE_FIXTURE(Trial, "the store says which contents it has") {
  done(store().putBlob(blobOf('c'), kNoon));
  const auto known = get(store().knownBlobs(
      {blobOf('a').sha256, blobOf('x').sha256, blobOf('c').sha256, "", "no hash"}));
  CHECK(known == std::vector<std::string>{blobOf('a').sha256, blobOf('c').sha256});
  CHECK(get(store().knownBlobs({})).empty());
}

}  // namespace
}  // namespace tango::test
