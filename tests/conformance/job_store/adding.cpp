#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "conformance/job_store/trial.hpp"

namespace tango::test {
namespace {

using base::ErrorKind;
using model::JobRecord;
using model::JobState;
using model::Submission;
using store::AddedJob;
using store::AddOptions;

/// Every field with a value of its own.
Submission fullSubmission() {
  Submission job = submission();
  job.name = "name\nwith a line's end";
  job.machine = {.image = "autograding_image",
                 .cpu_millis = 1'500,
                 .memory_bytes = std::numeric_limits<std::uint64_t>::max(),
                 .disk_bytes = 3,
                 .disk_inodes = 4,
                 .io_bytes_per_second = 5,
                 .network = true,
                 .account = {"key id", "secret"}};
  job.limits = {.wall_time = base::Millis(6),
                .cpu_time = base::Millis(7),
                .processes = 8,
                .file_size_bytes = 9,
                .output_bytes = 10,
                .open_files = 11};
  job.callback_url = "http://autolab/callback?a=b";
  job.access_key_id = "key id";
  job.access_key = "secret";
  return job;
}

TEST_CASE_FIXTURE(Trial,
                  "a job is announced before it is accepted, one that was added already is not") {
  AddOptions options;
  options.now = kNoon;
  options.same_job_window = base::Millis(1'000);
  std::vector<AddedJob> announced;
  options.announce = [&announced](const AddedJob& job) { announced.push_back(job); };
  const AddedJob added = get(store().addJob(fullSubmission(), options));
  REQUIRE(announced.size() == 1);
  CHECK(announced[0].id == added.id);
  REQUIRE(announced[0].record);
  CHECK(announced[0].record->submission.name == added.record->submission.name);
  CHECK(get(store().addJob(fullSubmission(), options)).repeated);
  CHECK(announced.size() == 1);
}

TEST_CASE_FIXTURE(Trial, "an added job is there with all that was asked for") {
  const Submission asked = fullSubmission();
  const std::int64_t id = add(asked);
  reopen();
  const JobRecord job = get(store().job(id));
  CHECK(job.id == id);
  CHECK(job.state == JobState::kQueued);
  CHECK(job.submission.courselab == "lab");
  CHECK(job.submission.name == asked.name);
  CHECK(job.submission.vmms == "sandbox");
  CHECK(job.submission.machine == asked.machine);
  CHECK(job.submission.limits.wall_time.count() == 6);
  CHECK(job.submission.limits.cpu_time.count() == 7);
  CHECK(job.submission.limits.processes == 8);
  CHECK(job.submission.limits.file_size_bytes == 9);
  CHECK(job.submission.limits.output_bytes == 10);
  CHECK(job.submission.limits.open_files == 11);
  CHECK(job.submission.output_file == "hello.out");
  CHECK(job.submission.callback_url == asked.callback_url);
  CHECK(job.submission.access_key_id == "key id");
  CHECK(job.submission.access_key == "secret");
  CHECK(job.retries == 0);
  CHECK(job.vm_name.empty());
  CHECK(job.times.added == kNoon);
  CHECK(job.times.ended == 0);
  CHECK(!job.verdict);
  CHECK(!job.outcome);
}

TEST_CASE_FIXTURE(Trial, "an added job's files are the contents of that moment, in their order") {
  Submission asked = submission();
  asked.files.push_back({"main.c", "again.c", ""});
  const std::int64_t id = add(asked);
  upload("main.c", 'c');
  const JobRecord job = get(store().job(id));
  const std::vector<model::SubmittedFile> pinned = {{"main.c", "main.c", blobOf('a').sha256},
                                                    {"Makefile", "Makefile", blobOf('b').sha256},
                                                    {"main.c", "again.c", blobOf('a').sha256}};
  CHECK(job.submission.files == pinned);
}

TEST_CASE_FIXTURE(Trial, "an added job comes with what its claim would give") {
  const AddedJob added = get(store().addJob(fullSubmission(), at(kNoon)));
  const JobRecord claimed = get(store().claim(added.id));
  REQUIRE(added.record);
  CHECK(added.record->id == claimed.id);
  CHECK(added.record->label() == claimed.label());
  CHECK(added.record->submission.files == claimed.submission.files);
  CHECK(added.record->submission.machine == claimed.submission.machine);
  CHECK(added.record->submission.limits.wall_time == claimed.submission.limits.wall_time);
  CHECK(added.record->submission.limits.open_files == claimed.submission.limits.open_files);
  CHECK(added.record->submission.access_key == claimed.submission.access_key);
  CHECK(added.record->times.added == claimed.times.added);
  CHECK(added.record->trace == claimed.trace);
}

TEST_CASE_FIXTURE(Trial, "a file may be named by its content") {
  done(store().putBlob(blobOf('d'), kNoon));
  Submission asked = submission();
  asked.files = {{"main.c", "main.c", blobOf('d').sha256}, {"no such", "x", blobOf('b').sha256}};
  CHECK(get(store().job(add(asked))).submission.files == asked.files);
  asked.files = {{"main.c", "main.c", blobOf('e').sha256}};
  CHECK(refused(store().addJob(asked, at(kNoon))) == ErrorKind::kNotFound);
}

TEST_CASE_FIXTURE(Trial, "a job may have no files") {
  Submission asked = submission();
  asked.files.clear();
  CHECK(get(store().job(add(asked))).submission.files.empty());
}

TEST_CASE_FIXTURE(Trial, "what is missing is named") {
  Submission asked = submission();
  asked.files = {{"main.c", "main.c", ""}, {"missing.c", "a", ""}, {"gone.c", "b", ""}};
  const base::Result<AddedJob> no_file = run(store().addJob(asked, at(kNoon)));
  REQUIRE(!no_file);
  CHECK(no_file.error().kind() == ErrorKind::kNotFound);
  CHECK(no_file.error().message().find("missing.c") != std::string::npos);
  asked.courselab = "nowhere";
  const base::Result<AddedJob> no_lab = run(store().addJob(asked, at(kNoon)));
  REQUIRE(!no_lab);
  CHECK(no_lab.error().kind() == ErrorKind::kNotFound);
  CHECK(no_lab.error().message().find("nowhere") != std::string::npos);
  CHECK(get(store().jobs({})).empty());
}

TEST_CASE_FIXTURE(Trial, "the first trace line has the id and the name wherever it asks for them") {
  AddOptions options = at(kNoon);
  options.first_trace_line = "Added %ID%|%ID%: %NAME% \\n %ID";
  Submission asked = submission();
  asked.name = "%ID%";  // a client's: it stays as it is
  const std::int64_t id = get(store().addJob(asked, options)).id;
  const std::string text = std::to_string(id);
  CHECK(get(store().job(id)).trace ==
        std::vector<std::string>{"Added " + text + "|" + text + ": %ID% \\n %ID"});
}

TEST_CASE_FIXTURE(Trial, "ids grow, over a restart and over what was refused") {
  std::int64_t last = 0;
  for (int i = 0; i < 3; ++i) {
    const std::int64_t id = add();
    CHECK(id > last);
    last = id;
    Submission refused_job = submission();
    refused_job.files.push_back({"missing", "missing", ""});
    CHECK(refused(store().addJob(refused_job, at(kNoon))) == ErrorKind::kNotFound);
    reopen();
  }
}

TEST_CASE_FIXTURE(Trial, "the same request soon after is the same job") {
  AddOptions options = at(kNoon);
  options.same_job_window = base::Millis(30 * kSecond);
  const AddedJob first = get(store().addJob(submission(), options));
  CHECK(!first.repeated);
  options.now = kNoon + 30 * kSecond;
  reopen();
  const AddedJob second = get(store().addJob(submission(), options));
  CHECK(second.repeated);
  CHECK(second.id == first.id);
  SUBCASE("and also when that job has ended") {
    done(store().endJob(first.id, endedAt(kNoon), kNoon));
    CHECK(get(store().addJob(submission(), options)).id == first.id);
  }
  SUBCASE("but not later") {
    options.now = kNoon + 30 * kSecond + 1;
    CHECK(!get(store().addJob(submission(), options)).repeated);
  }
  SUBCASE("but not when the clock was set back by more than that") {
    options.now = kNoon - 30 * kSecond - 1;
    CHECK(!get(store().addJob(submission(), options)).repeated);
  }
  SUBCASE("but not without a window") {
    options.same_job_window = base::Millis(0);
    CHECK(get(store().addJob(submission(), options)).id > first.id);
  }
  SUBCASE("but not with other contents") {
    upload("main.c", 'c');
    CHECK(!get(store().addJob(submission(), options)).repeated);
  }
  SUBCASE("also with the same content under the same name, uploaded anew") {
    upload("main.c", 'a', options.now);
    CHECK(get(store().addJob(submission(), options)).repeated);
  }
  CHECK(get(store().jobs({})).size() <= 2);
}

TEST_CASE_FIXTURE(Trial, "whatever differs makes another job") {
  AddOptions options = at(kNoon);
  options.same_job_window = base::Millis(30 * kSecond);
  static_cast<void>(get(store().openCourselab("other", 1)));
  static_cast<void>(get(store().putFile("other", "main.c", blobOf('a'), kNoon)));
  static_cast<void>(get(store().putFile("other", "Makefile", blobOf('b'), kNoon)));
  std::vector<Submission> all(21, submission());
  all[1].name = "hell";
  all[2].courselab = "other";
  all[3].vmms = "docker";
  all[4].machine.image = "other";
  all[5].machine.cpu_millis = 1;
  all[6].machine.memory_bytes = 1;
  all[7].machine.disk_bytes = 1;
  all[8].machine.disk_inodes = 1;
  all[9].machine.network = true;
  all[10].limits.wall_time = base::Millis(1);
  all[11].limits.cpu_time = base::Millis(1);
  all[12].limits.processes = 1;
  all[13].limits.file_size_bytes = 1;
  all[14].limits.output_bytes = 1;
  all[15].files[0].dest_file = "main.cc";
  std::swap(all[16].files[0], all[16].files[1]);
  all[17].output_file = "o";
  all[18].callback_url = "http://x";
  all[19].access_key = "s";
  all[20].machine.io_bytes_per_second = 1;
  for (const Submission& one : all) {
    CHECK(!get(store().addJob(one, options)).repeated);
  }
  for (const Submission& one : all) {
    CHECK(get(store().addJob(one, options)).repeated);
  }
}

TEST_CASE_FIXTURE(Trial, "a full queue takes no more until a job has ended") {
  AddOptions options = at(kNoon);
  options.unended_jobs_max = 2;
  options.same_job_window = base::Millis(kSecond);
  const std::int64_t first = get(store().addJob(submission(), options)).id;
  Submission other = submission();
  other.name = "other";
  static_cast<void>(get(store().addJob(other, options)));
  begin(first, kNoon);
  reopen();
  other.name = "third";
  CHECK(refused(store().addJob(other, options)) == ErrorKind::kTooLarge);
  CHECK(get(store().addJob(submission(), options)).repeated);
  static_cast<void>(get(store().addRejectedJob(other, {}, kNoon)));
  CHECK(refused(store().addJob(other, options)) == ErrorKind::kTooLarge);
  done(store().endJob(first, endedAt(kNoon), kNoon));
  CHECK(!get(store().addJob(other, options)).repeated);
  CHECK(refused(store().addJob(fullSubmission(), options)) == ErrorKind::kTooLarge);
}

TEST_CASE_FIXTURE(Trial, "a rejected job is an ended one, with its reasons and without secrets") {
  Submission asked = fullSubmission();
  asked.courselab = "nowhere";
  asked.files = {{"missing", "x", ""}};
  const std::int64_t id = get(store().addRejectedJob(
      asked,
      {"DATE|validateJob: Image not found: %ID%", "DATE|validateJob: Job rejected: 1 errors"},
      kNoon));
  reopen();
  const JobRecord job = get(store().job(id));
  CHECK(job.state == JobState::kEnded);
  CHECK(job.verdict == model::Verdict::kRejected);
  CHECK(job.verdict_text == "validateJob: Job rejected: 1 errors");
  CHECK(job.trace.front() == "DATE|validateJob: Image not found: " + std::to_string(id));
  CHECK(job.times.added == kNoon);
  CHECK(job.times.ended == kNoon);
  CHECK(job.submission.files == asked.files);
  CHECK(job.submission.access_key_id.empty());
  CHECK(job.submission.access_key.empty());
  CHECK_FALSE(job.submission.machine.account.isSet());
  CHECK(refused(store().claim(id)) == ErrorKind::kExists);
  CHECK(refused(store().endJob(id, endedAt(kNoon), kNoon)) == ErrorKind::kExists);
  CHECK(get(store().callbacks()).empty());
  CHECK(add() > id);
}

}  // namespace
}  // namespace tango::test
