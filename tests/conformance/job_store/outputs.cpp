#include "conformance/job_store/trial.hpp"

namespace tango::test {
namespace {

using base::ErrorKind;
using model::Verdict;
using store::OutputLookup;

TEST_CASE_FIXTURE(Trial, "an output is that of the newest job with its name") {
  CHECK(refused(store().output("lab", "hello.out")) == ErrorKind::kNotFound);
  const std::int64_t first = add();
  CHECK(!get(store().output("lab", "hello.out")).ended);
  done(store().endJob(first, endedAt(kNoon), kNoon));
  OutputLookup output = get(store().output("lab", "hello.out"));
  CHECK(output.ended);
  CHECK(output.job_id == first);

  const std::int64_t second = add();
  output = get(store().output("lab", "hello.out"));
  CHECK(!output.ended);
  CHECK(output.job_id == second);
  begin(second, kNoon);
  CHECK(!get(store().output("lab", "hello.out")).ended);
  done(store().endJob(second, endedAt(kNoon, Verdict::kCancelled), kNoon));
  output = get(store().output("lab", "hello.out"));
  CHECK(output.ended);
  CHECK(output.job_id == second);
}

TEST_CASE_FIXTURE(Trial, "an output belongs to its courselab and its whole name") {
  addEnded();
  static_cast<void>(get(store().openCourselab("other", 1)));
  CHECK(refused(store().output("other", "hello.out")) == ErrorKind::kNotFound);
  CHECK(refused(store().output("lab", "hello")) == ErrorKind::kNotFound);
  CHECK(refused(store().output("lab", "HELLO.OUT")) == ErrorKind::kNotFound);
  CHECK(refused(store().output("", "")) == ErrorKind::kNotFound);
}

TEST_CASE_FIXTURE(Trial, "a rejected job withdraws no output and has none") {
  const std::int64_t good = addEnded();
  static_cast<void>(get(store().addRejectedJob(submission(), {"no"}, kNoon)));
  CHECK(get(store().output("lab", "hello.out")).job_id == good);
  model::Submission other = submission();
  other.output_file = "other.out";
  static_cast<void>(get(store().addRejectedJob(other, {"no"}, kNoon)));
  CHECK(refused(store().output("lab", "other.out")) == ErrorKind::kNotFound);
}

TEST_CASE_FIXTURE(Trial, "an output that is given to the store is there as it was") {
  const std::string bytes("head\n\0\xFF\n", 8);
  for (const std::string& content : {bytes, std::string()}) {
    const std::int64_t id = add();
    CHECK(!get(store().storedOutput(id)));
    model::JobEnd end = endedAt(kNoon);
    end.output = content;
    done(store().endJob(id, end, kNoon));
    CHECK(get(store().storedOutput(id)) == content);
    reopen();
    CHECK(get(store().storedOutput(id)) == content);
    const OutputLookup output = get(store().output("lab", "hello.out"));
    CHECK(output.job_id == id);
    CHECK(output.content == content);
  }
}

TEST_CASE_FIXTURE(Trial, "an output that is not given to the store is not in it") {
  const std::int64_t older = add();
  model::JobEnd end = endedAt(kNoon);
  end.output = "older";
  done(store().endJob(older, end, kNoon));
  const std::int64_t id = addEnded();
  CHECK(!get(store().storedOutput(id)));
  CHECK(!get(store().output("lab", "hello.out")).content);
  CHECK(get(store().storedOutput(older)) == "older");
  CHECK(!get(store().storedOutput(id + 1)));
  add();
  CHECK(!get(store().output("lab", "hello.out")).content);
}

TEST_CASE_FIXTURE(Trial, "a second end brings no other output") {
  const std::int64_t id = add();
  model::JobEnd end = endedAt(kNoon);
  end.output = "first";
  done(store().endJob(id, end, kNoon));
  end.output = "second";
  CHECK(refused(store().endJob(id, end, kNoon)) == ErrorKind::kExists);
  CHECK(get(store().storedOutput(id)) == "first");
  reopen();
  CHECK(get(store().storedOutput(id)) == "first");
}

TEST_CASE_FIXTURE(Trial, "an older job that ends after a newer one does not take its place") {
  const std::int64_t older = add();
  const std::int64_t newer = add();
  done(store().endJob(newer, endedAt(kNoon), kNoon));
  done(store().endJob(older, endedAt(kNoon + kSecond), kNoon));
  CHECK(get(store().output("lab", "hello.out")).job_id == newer);
}

}  // namespace
}  // namespace tango::test
