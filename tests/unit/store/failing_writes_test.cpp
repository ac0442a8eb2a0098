// What happens when SQLite itself fails: a trigger makes one row impossible, a limit on the size of
// files makes all writing so, a small file system is full.
#include <csignal>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include "kernel/in_child.hpp"
#include "unit/store/open_store.hpp"

namespace tango::store {
namespace {

using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using test::OpenStore;
using test::TempFolder;

/// A store in which no job may be called "cursed", and no counter.
class Cursed {
 public:
  Cursed() : file_(folder_.path() / "jobs.sqlite"), store_(file_) {
    store_.close();
    {
      sqlite::Connection db = test::openFile(file_);
      db.script(
          "CREATE TRIGGER curse AFTER INSERT ON job WHEN NEW.name = 'cursed'"
          " BEGIN SELECT RAISE(ABORT, 'it is cursed'); END;"
          "CREATE TRIGGER curse2 AFTER INSERT ON counter WHEN NEW.name = 'cursed'"
          " BEGIN SELECT RAISE(ABORT, 'it is cursed'); END;");
      REQUIRE(db.takeResult().ok());
    }
    store_.open();
    REQUIRE(store_.run(store_.store().openCourselab("lab", 1)).ok());
  }
  [[nodiscard]] OpenStore& on() { return store_; }
  [[nodiscard]] JobStore& store() { return store_.store(); }
  [[nodiscard]] std::filesystem::path file() const { return file_; }

 private:
  TempFolder folder_;
  std::filesystem::path file_;
  OpenStore store_;
};

TEST_CASE_FIXTURE(Cursed, "a request that the database refuses does no harm to those beside it") {
  std::vector<awaitable<Result<AddedJob>>> under_way;
  for (int i = 0; i < 100; ++i) {
    under_way.push_back(
        store().addJob(OpenStore::jobNamed(i % 10 == 5 ? "cursed" : "fine"), OpenStore::then()));
  }
  std::int64_t last = 0;
  for (std::size_t i = 0; i < under_way.size(); ++i) {
    const Result<AddedJob> added = on().run(std::move(under_way[i]));
    REQUIRE(added.ok() == (i % 10 != 5));
    if (added) {
      CHECK(added.value().id > last);
      last = added.value().id;
    } else {
      CHECK(added.error().message().find("it is cursed") != std::string::npos);
    }
  }
  on().close();
  CHECK(test::soundness(file()) == "ok");
}

TEST_CASE_FIXTURE(Cursed, "a job that was undone is not taken for one that was added before") {
  AddOptions options;
  options.now = test::kThen;
  options.same_job_window = base::Millis(1'000);
  std::int64_t first = 0;
  for (int i = 0; i < 3; ++i) {
    CHECK(!on().run(store().addJob(OpenStore::jobNamed("cursed"), options)).ok());
    const auto fine = on().run(store().addJob(OpenStore::jobNamed("fine"), options));
    REQUIRE(fine.ok());
    first = i == 0 ? fine.value().id : first;
    CHECK(fine.value().id == first);
    CHECK(fine.value().repeated == (i > 0));
  }
}

TEST_CASE_FIXTURE(Cursed, "a count that is impossible holds up nothing") {
  store().count("cursed", 1);
  store().count("fine", 1);
  REQUIRE(on().add("fine").ok());
  const auto counters = on().run(store().counters());
  REQUIRE(counters.ok());
  CHECK(counters.value() == std::map<std::string, std::int64_t>{{"fine", 1}});
}

/// While it lives, no file of this process can grow over `bytes`.
class FilesStaySmall {
 public:
  explicit FilesStaySmall(rlim_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before_) == 0);
    const rlimit small{bytes, before_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  }
  FilesStaySmall(const FilesStaySmall&) = delete;
  FilesStaySmall& operator=(const FilesStaySmall&) = delete;
  ~FilesStaySmall() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST_CASE("when nothing can be written, all are told so, and it goes on when something can") {
  const TempFolder folder;
  const std::filesystem::path file = folder.path() / "jobs.sqlite";
  OpenStore on(file);
  REQUIRE(on.run(on.store().openCourselab("lab", 1)).ok());
  const auto first = on.add("first");
  REQUIRE(first.ok());
  std::set<std::int64_t> announced;
  AddOptions announcing = OpenStore::then();
  announcing.announce = [&announced](const AddedJob& job) { announced.insert(job.id); };
  {
    const FilesStaySmall small(1);
    for (int i = 0; i < 3; ++i) {
      CHECK(!on.run(on.store().addJob(OpenStore::jobNamed("refused"), announcing)).ok());
    }
    on.store().count("kept", 1);
    on.store().note(first.value().id,
                    {.dispatched = {}, .retries = 5, .vm_name = {}, .vm_id = {}, .trace = {}});
    CHECK(!on.run(on.store().endJob(first.value().id, {}, 0)).ok());
    const auto jobs = on.run(on.store().jobs({}));
    REQUIRE(jobs.ok());
    CHECK(jobs.value().size() == 1);
    CHECK(jobs.value()[0].retries == 0);
  }
  const auto second = on.add("second");
  REQUIRE(second.ok());
  CHECK(second.value().id > first.value().id);
  CHECK(!announced.empty());
  CHECK(!announced.contains(second.value().id));
  CHECK(on.run(on.store().counters()).value().at("kept") == 1);
  CHECK(on.run(on.store().job(first.value().id)).value().retries == 5);
  on.close();
  CHECK(test::soundness(file) == "ok");
}

/// Adds jobs until one is refused; gives how many were added, or -1 if it was for another reason.
int addUntilFull(OpenStore& on) {
  const std::string long_name(2'000, 'x');
  for (int added = 0; added < 100'000; ++added) {
    const auto job = on.add(long_name);
    if (!job) {
      return job.error().kind() == ErrorKind::kTooLarge ? added : -1;
    }
  }
  return -1;
}

/// The store on a file system of 3 MiB that fills up, and has room again.
int fillTheDisk(const std::filesystem::path& folder) {
  TANGO_EXPECT(test::ownMounts());
  TANGO_EXPECT(::mount("none", folder.c_str(), "tmpfs", 0, "size=3m") == 0);
  const std::filesystem::path file = folder / "jobs.sqlite";
  const std::string ballast = (folder / "ballast").string();
  {
    std::ofstream(ballast) << std::string(256 << 10, 'x');
  }
  std::size_t added = 0;
  {
    OpenStore on(file);
    TANGO_EXPECT(on.run(on.store().openCourselab("lab", 1)).ok());
    const int before = addUntilFull(on);
    TANGO_EXPECT(before > 0);
    const auto jobs = on.run(on.store().recoverJobs(""));
    TANGO_EXPECT(jobs.ok());
    TANGO_EXPECT(::unlink(ballast.c_str()) == 0);
    const auto again = on.add("room again");
    TANGO_EXPECT(again.ok());
    added = on.run(on.store().recoverJobs("")).value().size();
    TANGO_EXPECT(added > static_cast<std::size_t>(before));
  }
  TANGO_EXPECT(test::soundness(file) == "ok");
  OpenStore on(file);
  TANGO_EXPECT(on.run(on.store().recoverJobs("")).value().size() == added);
  return 0;
}

TEST_CASE("a full disk is an error for those who ask, and no harm to what is there") {
  if (!test::needsRoot()) {
    return;
  }
  const TempFolder folder;
  CHECK(test::inChild([&] { return fillTheDisk(folder.path()); }) == 0);
}

TEST_CASE("a file that is damaged in the middle is an error that names it") {
  const TempFolder folder;
  const std::filesystem::path file = folder.path() / "jobs.sqlite";
  {
    OpenStore on(file);
    REQUIRE(on.run(on.store().openCourselab("lab", 1)).ok());
    for (int i = 0; i < 200; ++i) {
      REQUIRE(on.add("job").ok());
    }
  }
  std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
  const auto size = static_cast<std::streamoff>(std::filesystem::file_size(file));
  for (std::streamoff page = 4'096; page < size; page += 4'096) {
    bytes.seekp(page);
    bytes << std::string(64, '\xff');
  }
  bytes.close();
  boost::asio::io_context context;
  const auto opened = SqliteJobStore::open(context.get_executor(), file);
  REQUIRE(!opened.ok());
  CHECK(opened.error().message().find("jobs.sqlite: the file is damaged") != std::string::npos);
}

}  // namespace
}  // namespace tango::store
