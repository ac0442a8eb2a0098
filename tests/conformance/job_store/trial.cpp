#include "conformance/job_store/trial.hpp"

#include "conformance/job_store/store_under_test.hpp"

namespace tango::test {

store::Blob blobOf(char letter) {
  return {std::string(64, letter), std::string(32, letter), 10};
}

model::Submission submission() {
  model::Submission job;
  job.courselab = "lab";
  job.name = "hello";
  job.vmms = "sandbox";
  job.machine.image = "host";
  job.files = {{"main.c", "main.c", ""}, {"Makefile", "Makefile", ""}};
  job.output_file = "hello.out";
  return job;
}

store::AddOptions at(base::UnixMillis now) {
  store::AddOptions options;
  options.now = now;
  options.first_trace_line = "Mon Nov 23 17:31:03 2026|Added job hello:%ID% to queue";
  return options;
}

model::JobEnd endedAt(base::UnixMillis when, model::Verdict verdict) {
  model::JobEnd end;
  end.verdict = verdict;
  end.times.ended = when;
  return end;
}

Trial::Trial() {
  reopen();
  static_cast<void>(get(store_->openCourselab("lab", 10)));
  upload("main.c", 'a');
  upload("Makefile", 'b');
}

void Trial::reopen() {
  store_.reset();
  base::Result<std::unique_ptr<store::JobStore>> opened =
      openStoreUnderTest(context_.get_executor(), folder_.path());
  REQUIRE_MESSAGE(opened.ok(), (opened ? "" : opened.error().message()));
  store_ = *std::move(opened);
}

void Trial::done(boost::asio::awaitable<base::Result<void>> operation) {
  const base::Result<void> result = run(std::move(operation));
  REQUIRE_MESSAGE(result.ok(), (result ? "" : result.error().message()));
}

std::int64_t Trial::add(model::Submission job, base::UnixMillis now) {
  return get(store_->addJob(std::move(job), at(now))).id;
}

std::int64_t Trial::addEnded(model::Submission job, base::UnixMillis ended) {
  const std::int64_t id = add(std::move(job), ended);
  done(store_->endJob(id, endedAt(ended), ended));
  return id;
}

void Trial::begin(std::int64_t id, base::UnixMillis when) {
  static_cast<void>(get(store().claim(id)));
  store::JobProgress progress;
  progress.dispatched = when;
  store().note(id, progress);
  while (get(store().job(id)).state != model::JobState::kRunning) {
  }
}

void Trial::upload(const std::string& name, char letter, base::UnixMillis now) {
  static_cast<void>(get(store_->putFile("lab", name, blobOf(letter), now)));
}

}  // namespace tango::test
