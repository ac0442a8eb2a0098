#include "simulation/simulation.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>
#include <vector>

#include <doctest/doctest.h>

#include "files/job_output.hpp"

namespace tango::test {
namespace {

using base::ErrorKind;
using base::Millis;
using model::JobRecord;
using model::JobState;
using model::Verdict;

constexpr int kActions = 80;
constexpr const char* kMissingImage = "missing";

pool::PoolsConfig poolsConfig() {
  pool::PoolsConfig config;
  config.idle_timeout = Millis(60'000);
  return config;
}

}  // namespace

Simulation::Simulation(std::uint64_t seed) : random_(seed) {
  faulty_ = seed % 8 != 0;
  disk_.capacities["sim"] = {4'000, 8 * model::kMiB, 0};
  disk_.capacities["other"] = {0, 0, 1 + pick(3)};
  for (const char* lab : {"lab", "lab2", "lab3"}) {
    disk_.jobs->courselabs[lab];
  }
}

model::Submission Simulation::someJob() {
  constexpr std::array<const char*, 4> kImages = {"img", "img", "img2", kMissingImage};
  constexpr std::array<const char*, 3> kLabs = {"lab", "lab2", "lab3"};
  model::Submission job = simSubmission();
  job.courselab = kLabs.at(pick(kLabs.size()));
  job.vmms = chance(70) ? "sim" : "other";
  job.machine.image = kImages.at(chance(10) ? 3 : pick(3));
  job.machine.cpu_millis = chance(15) ? 4'000 : 0;
  job.machine.memory_bytes = (1 + pick(3)) * model::kMiB;
  job.limits.wall_time = Millis(1'000 + pick(10'000));
  if (chance(20)) {
    job.limits.output_bytes = files::kMemoryOutputBytesMax + 1;
  }
  job.callback_url = chance(50) ? "http://client" : "";
  return job;
}

std::optional<std::int64_t> Simulation::someJobId() {
  if (disk_.jobs->jobs.empty()) {
    return std::nullopt;
  }
  auto job = disk_.jobs->jobs.begin();
  std::advance(job, pick(disk_.jobs->jobs.size()));
  return job->first;
}

model::RunOutcome Simulation::someOutcome() {
  model::RunOutcome outcome = SimAnswer::exited(chance(70) ? 0 : 2);
  if (chance(10)) {
    outcome.exit_status.reset();
    outcome.signal = 9;
    outcome.ended_by = model::Limit::kMemory;
  }
  return outcome;
}

SimAnswer Simulation::fault(const SimCall& call) {
  constexpr std::array<ErrorKind, 4> kKinds = {ErrorKind::kSystem, ErrorKind::kTimeout,
                                               ErrorKind::kSystem, ErrorKind::kUnsupported};
  SimAnswer answer;
  answer.delay = Millis(pick(chance(10) ? 100'000 : 1'000));
  if (chance(15)) {
    const bool creates = call.method == SimMethod::kInitializeVM;
    answer.error = base::Error(kKinds.at(pick(creates ? 4 : 3)), "a fault");
    answer.done_anyway = answer.error->kind() != ErrorKind::kUnsupported && chance(50);
  }
  return answer;
}

SimAnswer Simulation::answerTo(const SimCall& call) {
  SimAnswer answer = faults_now_ ? fault(call) : SimAnswer{};
  if (call.method == SimMethod::kInitializeVM && call.spec.image == kMissingImage) {
    answer.error = base::Error(ErrorKind::kNotFound, "there is no such image");
    answer.done_anyway = false;
  }
  if (call.method == SimMethod::kRunJob) {
    answer.delay += Millis(pick(3'000));
    answer.outcome = someOutcome();
    answer.output =
        (chance(10) ? std::string(files::kStoredOutputBytesMax, 'x') + "\n" : "") + "output\n";
  }
  return answer;
}

void Simulation::start() {
  service_ = std::make_unique<SimService>(disk_, poolsConfig(), scheduler::SchedulerConfig{});
  for (const auto& [name, capacity] : disk_.capacities) {
    service_->vmms(name).script().answerBy([this](const SimCall& call) { return answerTo(call); });
  }
  service_->store().failBy([this]() -> std::optional<base::Error> {
    if (faults_now_ && chance(3)) {
      return base::Error(ErrorKind::kSystem, "the disk is full");
    }
    return std::nullopt;
  });
  told_ = 0;
  service_->start();
}

void Simulation::restart(bool killed) {
  if (!killed) {
    service_->stop(Millis(pick(5'000)));
    if (!faulty_) {
      CHECK(service_->vmms("sim").machines() + service_->vmms("other").machines() == 0);
    }
  }
  checkOrder();
  service_.reset();
  start();
}

void Simulation::loseVm() {
  const std::string name = chance(70) ? "sim" : "other";
  const auto all = service_->vmms(name).all();
  if (!all.empty()) {
    service_->vmms(name).lose(all.at(pick(all.size())).first);
  }
}

void Simulation::changePools() {
  const model::Submission like = someJob();
  if (chance(30)) {
    service_->pools().renewImage(like.vmms, like.machine.image);
  } else {
    const base::Result<void> kept =
        service_->pools().preallocate({like.vmms, like.machine}, pick(4));
    CHECK((kept || kept.error().kind() == ErrorKind::kTooLarge));
  }
}

void Simulation::act() {
  const std::uint64_t what = pick(100);
  if (what < 30) {
    for (std::uint64_t jobs = 1 + pick(6); jobs > 0; --jobs) {
      service_->add(someJob());
    }
  } else if (what < 36) {
    if (const auto id = someJobId()) {
      service_->cancel(*id);
    }
  } else if (what < 42) {
    changePools();
  } else if (what < 45 && faulty_) {
    loseVm();
  } else if (what < 48) {
    restart(faulty_ && chance(70));
  } else {
    service_->advance();
  }
  if (chance(80)) {
    service_->settle();
  }
  checkOutputs();
}

// Equal jobs of one courselab are claimed in the order of their ids by each service.
void Simulation::checkOrder() {
  using Class = std::tuple<std::string, std::string, std::string, std::uint64_t, std::uint64_t>;
  std::map<Class, std::int64_t> last;
  std::set<std::int64_t> seen;
  const std::vector<std::int64_t>& claims = disk_.jobs->claims;
  for (; claims_seen_ < claims.size(); ++claims_seen_) {
    const std::int64_t id = claims[claims_seen_];
    if (!seen.insert(id).second) {
      continue;  // the store failed its first claim
    }
    const model::Submission& job = disk_.jobs->jobs.at(id).submission;
    std::int64_t& before = last[{job.vmms, job.machine.image, job.courselab, 0, 0}];
    CHECK(before < id);
    before = id;
  }
}

// The output is there as soon as the job has ended, and stays as it was then.
void Simulation::checkOutputs() {
  for (const std::int64_t id : disk_.jobs->ended) {
    if (!outputs_.contains(id)) {
      const std::optional<std::string> text = service_->outputOf(id);
      REQUIRE_MESSAGE(text, "job " << id << " ended without an output");
      outputs_[id] = *text;
    }
  }
  for (; told_ < service_->told().size(); ++told_) {
    const std::int64_t id = service_->told()[told_];
    CHECK(disk_.jobs->jobs.at(id).state == JobState::kEnded);
    CHECK(++told_of_[id] == 1);
  }
}

void Simulation::heal() {
  faults_now_ = false;
  CHECK(service_->advanceUntil([this] {
    return std::all_of(disk_.jobs->jobs.begin(), disk_.jobs->jobs.end(),
                       [](const auto& job) { return job.second.state == JobState::kEnded; });
  }));
  checkOutputs();
  checkOrder();
}

void Simulation::checkEnds() {
  std::vector<std::int64_t> ended = disk_.jobs->ended;
  std::sort(ended.begin(), ended.end());
  CHECK(std::adjacent_find(ended.begin(), ended.end()) == ended.end());
  CHECK(ended.size() == disk_.jobs->jobs.size());
  for (const auto& [id, job] : disk_.jobs->jobs) {
    CAPTURE(id);
    CAPTURE(job.verdict_text);
    REQUIRE(job.verdict);
    REQUIRE(!job.trace.empty());
    CHECK(job.trace.back().ends_with("|" + job.verdict_text));
    const std::string& text = outputs_.at(id);
    CHECK(service_->outputOf(id) == text);
    CHECK(text.find("Received job " + job.label()) != std::string::npos);
    const bool ran = *job.verdict != Verdict::kInternalError && *job.verdict != Verdict::kCancelled;
    CHECK(ran == text.ends_with("\noutput\n"));
    CHECK(ran == (text.find("]: " + job.verdict_text + "\n") != std::string::npos &&
                  job.outcome.has_value()));
    CHECK(disk_.jobs->callbacks.contains(id) == !job.submission.callback_url.empty());
    if (!faulty_ && *job.verdict == Verdict::kInternalError) {
      CHECK(job.submission.machine.image == kMissingImage);
    }
  }
}

void Simulation::finish() {
  checkEnds();
  CHECK(service_->scheduler().queued() == 0);
  CHECK(service_->scheduler().running() == 0);
  for (const pool::PoolView& pool : service_->pools().view()) {
    CHECK(service_->pools().preallocate(pool.key, 0).ok());
  }
  // Idle VMs go in their time; then nothing wakes any more.
  int wakes = 0;
  service_->settle();
  while (service_->advance()) {
    REQUIRE(++wakes < 1'000);
  }
  for (const auto& [name, capacity] : disk_.capacities) {
    CHECK(service_->vmms(name).machines() == 0);
  }
  for (const pool::BackendView& backend : service_->pools().backends()) {
    CHECK(backend.used.vms == 0);
    CHECK(backend.used.cpu_millis == 0);
    CHECK(backend.used.memory_bytes == 0);
  }
  service_->stop(Millis(0));
}

void Simulation::run() {
  faults_now_ = faulty_;
  start();
  for (int i = 0; i < kActions; ++i) {
    act();
  }
  heal();
  finish();
}

}  // namespace tango::test
