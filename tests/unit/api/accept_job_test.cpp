#include "api/accept_job.hpp"

#include <doctest/doctest.h>

#include "base/safe_path.hpp"
#include "store/sqlite_job_store.hpp"
#include "support/run_on.hpp"
#include "support/sim_vmms.hpp"
#include "support/temp_folder.hpp"

namespace tango::api {
namespace {

using base::Result;
using boost::asio::awaitable;
using model::CloudAccount;
using model::Submission;

constexpr base::UnixMillis kNoon = 1'795'521'600'000;

std::unique_ptr<store::JobStore> storeIn(boost::asio::io_context& context,
                                         const test::TempFolder& folder) {
  auto store = store::SqliteJobStore::open(context.get_executor(), folder.path() / "tango.db");
  REQUIRE(store.ok());
  return *std::move(store);
}

awaitable<bool> drained(scheduler::Scheduler& scheduler) {
  co_await scheduler.drain(base::SteadyClock::now());
  co_return true;
}

/// A service with the VMMSs "cloud", in which jobs may bring accounts, and "plain". It is about to
/// stop, so that what it accepts stays queued.
class Desk {
 public:
  explicit Desk(const test::TempFolder& folder) : folder_(folder) {
    registry_.backends["plain"].vmms = &plain_;
    registry_.backends["cloud"].vmms = &cloud_;
    registry_.backends["cloud"].takes_accounts = true;
    registry_.default_vmms = "plain";
    REQUIRE(test::runOn(context_, drained(*scheduler_)));
    REQUIRE(test::runOn(context_, store_->openCourselab("lab", 1)).ok());
    const store::Blob blob{std::string(64, 'a'), std::string(32, 'a'), 1};
    REQUIRE(test::runOn(context_, store_->putFile("lab", "makefile", blob, kNoon)).ok());
  }

  Acceptance accept(Submission submission) {
    Result<Acceptance> accepted = test::runOn(context_, acceptJob(service_, std::move(submission)));
    REQUIRE_MESSAGE(accepted.ok(), (accepted ? "" : accepted.error().message()));
    return *std::move(accepted);
  }
  /// The trace of a job that is refused, after the dates.
  std::vector<std::string> refusal(Submission submission) {
    const Acceptance answer = accept(std::move(submission));
    REQUIRE(answer.rejected);
    std::vector<std::string> lines;
    for (const std::string& line : answer.rejected->trace) {
      lines.push_back(line.substr(line.find('|') + 1));
    }
    CHECK_FALSE(stored(answer.rejected->id).machine.account.isSet());
    return lines;
  }
  Submission stored(std::int64_t id) { return test::runOn(context_, store_->job(id))->submission; }

 private:
  const test::TempFolder& folder_;
  base::UniqueFd folder_fd_{*base::openDirectory(folder_.path().c_str())};
  boost::asio::io_context context_{1};
  boost::asio::thread_pool blocking_{1};
  config::ServiceConfig config_;
  Keys keys_{context_.get_executor(), {}};
  std::unique_ptr<store::JobStore> store_ = storeIn(context_, folder_);
  std::unique_ptr<files::BlobStore> blobs_ =
      *files::BlobStore::open(folder_fd_.get(), folder_.path());
  std::unique_ptr<files::Outputs> outputs_ = *files::Outputs::openIn(folder_fd_.get());
  test::SimVmms plain_{context_.get_executor()};
  test::SimVmms cloud_{context_.get_executor()};
  vmms::Registry registry_;
  std::unique_ptr<pool::Pools> pools_ = pool::Pools::make(
      context_.get_executor(), registry_, {}, [this] { return store_->reserveVmIds(1); });
  std::unique_ptr<scheduler::Scheduler> scheduler_ = scheduler::Scheduler::make(
      context_.get_executor(),
      {*store_, *outputs_, *pools_, registry_, blocking_,
       [this](const std::string& sha256) { return blobs_->path(sha256); }},
      {});
  std::unique_ptr<notify::Notifier> notifier_ =
      notify::Notifier::make(context_.get_executor(), *store_, {},
                             [this](std::int64_t job) { return outputs_->open(job); });
  Service service_{config_,     keys_,   *store_,    *blobs_,   *outputs_,
                   *scheduler_, *pools_, *notifier_, registry_, blocking_};
};

Submission submission(const std::string& vmms, const std::string& id, const std::string& key) {
  Submission job;
  job.courselab = "lab";
  job.name = "job";
  job.vmms = vmms;
  job.machine.image = "img";
  job.files = {{"makefile", "Makefile", ""}};
  job.output_file = "out";
  job.access_key_id = id;
  job.access_key = key;
  return job;
}

// Of the one job that waits, as a service that starts anew finds it.
CloudAccount recoveredAccount(const test::TempFolder& folder) {
  boost::asio::io_context context;
  const std::unique_ptr<store::JobStore> store = storeIn(context, folder);
  const auto waiting = test::runOn(context, store->recoverJobs("again"));
  REQUIRE(waiting.ok());
  REQUIRE(waiting->size() == 1);
  return waiting->front().machine.account;
}

TEST_CASE("a job's own account is its VM's, also of a service that starts anew") {
  const test::TempFolder folder;
  const CloudAccount account{"AKIA_1", "sec/ret+"};
  {
    Desk desk(folder);
    const Acceptance accepted = desk.accept(submission("cloud", "AKIA_1", "sec/ret+"));
    REQUIRE(accepted.accepted);
    CHECK(desk.stored(accepted.accepted->id).machine.account == account);
  }
  CHECK(recoveredAccount(folder) == account);
}

TEST_CASE("without an account there is none") {
  const test::TempFolder folder;
  REQUIRE(Desk(folder).accept(submission("cloud", "", "")).accepted);
  CHECK_FALSE(recoveredAccount(folder).isSet());
}

TEST_CASE("a VMMS that takes no accounts takes no notice of any, and none is kept") {
  for (const auto& [id, key] : {std::pair("AKIA", "secret"), std::pair("", "secret"),
                                std::pair("not an id\r\n", ""), std::pair("AKIA", "")}) {
    CAPTURE(id);
    const test::TempFolder folder;
    Desk desk(folder);
    const Acceptance accepted = desk.accept(submission("", id, key));
    REQUIRE(accepted.accepted);
    const Submission kept = desk.stored(accepted.accepted->id);
    CHECK(kept.access_key_id.empty());
    CHECK(kept.access_key.empty());
    CHECK_FALSE(kept.machine.account.isSet());
  }
}

TEST_CASE("half an account is refused by the name of what is missing") {
  const test::TempFolder folder;
  Desk desk(folder);
  CHECK(desk.refusal(submission("cloud", "AKIA", "")) ==
        std::vector<std::string>{
            "validateJob: Missing accessKey: accessKeyId and accessKey go together",
            "validateJob: Job rejected: 1 errors"});
  CHECK(desk.refusal(submission("cloud", "", "secret")).front() ==
        "validateJob: Missing accessKeyId: accessKeyId and accessKey go together");
}

TEST_CASE("an account that none could be is refused, and not quoted") {
  for (const auto& id :
       std::vector<std::string>{"hunter2\r\nX-Evil: 1", "hunter2 ", "hunter2/eu", "h\xc3\xa4nter2",
                                std::string("hunter2\0", 8), std::string(129, 'h')}) {
    const test::TempFolder folder;
    Desk desk(folder);
    const std::vector<std::string> lines = desk.refusal(submission("cloud", id, "k"));
    CHECK(lines.front() == "validateJob: accessKeyId is not 1 to 128 letters, digits and '_'");
  }
  for (const std::string& key : {std::string("hunter2\n"), std::string(257, 'h')}) {
    const test::TempFolder folder;
    Desk desk(folder);
    const std::vector<std::string> lines = desk.refusal(submission("cloud", "AKIA", key));
    CHECK(lines.front() ==
          "validateJob: accessKey is not 1 to 256 bytes without control characters");
  }
}

}  // namespace
}  // namespace tango::api
