// `tango submit DIR [FILE...]`: one job from a folder, run by a server.
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>

#include "base/utf8.hpp"
#include "tango/client/answer_fields.hpp"
#include "tango/client/commands.hpp"
#include "tango/client/job_answer.hpp"
#include "tango/client/job_follower.hpp"
#include "tango/client/submission.hpp"
#include "tango/client/terminal_text.hpp"
#include "tango/client/upload.hpp"
#include "tango/client/verb.hpp"
#include "tango/job_folder.hpp"

namespace tango::client {
namespace {

using base::Error;
using base::ErrorKind;
using boost::json::object;

// As `tango run` has them: 1 says that make failed.
constexpr int kOwnFailure = 3;
constexpr int kInterrupted = 130;

int failOwn(const Error& error) {
  fail(error);
  return kOwnFailure;
}

std::string howToSee(const std::string& id) {
  return "`tango status " + id + "` shows it, `tango output " + id +
         "` its output, `tango cancel " + id + "` ends it";
}

/// All of a job's output file; "" if there is none.
Result<std::string> wholeOutput(ApiClient& api, std::int64_t id) {
  Result<OutputPiece> piece = api.output(id, 0);
  if (piece) {
    return std::move(piece->bytes);
  }
  return piece.error().kind() == ErrorKind::kNotFound ? Result<std::string>("") : piece.error();
}

Result<object> waitForEnd(ApiClient& api, std::int64_t id, bool json) {
  if (!json) {
    return JobFollower(api, id).follow();
  }
  constexpr std::chrono::seconds kWait{20};
  for (;;) {
    Result<object> job = api.job(id, kWait);
    if (!job || !hasEnded(*job)) {
      const Result<void> paused =
          job ? api.http().pause(std::chrono::milliseconds(250)) : Result<void>(job.error());
      if (!paused) {
        return paused.error();
      }
      continue;
    }
    const Result<std::string> output = wholeOutput(api, id);
    if (!output) {
      return output.error();
    }
    (*job)["output"] = base::replaceInvalidUtf8(*output);
    return job;
  }
}

int waitAndReport(ApiClient& api, std::int64_t id, bool json) {
  const std::string number = std::to_string(id);
  api.http().interruptOnSignals();
  const Result<object> job = waitForEnd(api, id, json);
  if (!job && job.error().kind() == ErrorKind::kCancelled) {
    tell("job " + number + " goes on: " + howToSee(number));
    return kInterrupted;
  }
  if (!job) {
    failOwn(job.error());
    tell("job " + number + " may go on: " + howToSee(number));
    return kOwnFailure;
  }
  if (json) {
    printJson(*job);
  }
  std::fflush(stdout);
  tell("job " + number + ": " + verdictLine(*job));
  if (const std::string usage = usageLine(*job); !usage.empty()) {
    tell(usage);
  }
  return exitStatusOf(*job);
}

int submit(const Submission& submission, const model::InputFiles& files, ApiClient& api) {
  Result<boost::json::array> sent = uploadFiles(api, files);
  if (!sent) {
    return failOwn(sent.error());
  }
  object request = jobRequest(submission);
  request["files"] = *std::move(sent);
  const Result<object> job = api.post("/v1/jobs", request);
  if (!job) {
    return failOwn(job.error());
  }
  const auto id = wholeOf(*job, "id");
  if (!id) {
    return failOwn({ErrorKind::kInvalid, api.url() + " does not say which job it added"});
  }
  const std::string number = std::to_string(*id);
  if (submission.wait) {
    tell("job " + number + " is added");
    return waitAndReport(api, *id, submission.json);
  }
  if (submission.json) {
    printJson(*job);
  } else {
    std::puts(number.c_str());
    tell("job " + number + " is added: " + howToSee(number));
  }
  return app::kOk;
}

int submitFolder(const Submission& submission, const Command& command) {
  const Result<model::InputFiles> files = app::inputsOf(
      submission.folder, submission.extra,
      [](const std::string& path) { tell("leaving out " + path + ": a job's inputs are files"); });
  if (!files) {
    tell(files.error().message());
    return app::kBadUsage;
  }
  const int status = withServer(submission.server, command.data_folder,
                                [&](ApiClient& api) { return submit(submission, *files, api); });
  return status;
}

}  // namespace

void addSubmitCommand(CLI::App& app, Command& command) {
  const auto submission = std::make_shared<Submission>();
  CLI::App* verb = app.add_subcommand("submit", "Have a server run one job from a folder");
  addSubmissionOptions(*verb, *submission);
  verb->footer(
      "Without --wait it prints the job's number. Exit status with --wait: 0 make succeeded,\n"
      "1 make failed, 2 a limit ended it, 3 tango failed, 64 bad usage, 130 cancelled, or\n"
      "interrupted by Ctrl-C, which leaves the job running. Sizes: 512K, 64M, 1.5G, or bytes.");
  verb->callback([&command, submission] {
    command.run = [&command, submission] { return submitFolder(*submission, command); };
  });
}

}  // namespace tango::client
