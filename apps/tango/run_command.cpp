#include "tango/run_command.hpp"

#include <array>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <memory>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "base/safe_path.hpp"
#include "files/output_file.hpp"
#include "pool/direct_source.hpp"
#include "scheduler/job_text.hpp"
#include "scheduler/worker.hpp"
#include "tango/run_report.hpp"
#include "tango/run_request.hpp"
#include "tango/sandbox_images.hpp"
#include "vmms/sandbox/sandbox_vmms.hpp"

namespace tango::app {
namespace {

using base::Error;
using base::Result;
using base::systemError;
using base::UniqueFd;
using scheduler::JobRun;

constexpr int kOwnFailure = 3;

int fail(int status, const Error& error) {
  std::fprintf(stderr, "tango: %s\n", error.message().c_str());
  return status;
}

void rethrow(const std::exception_ptr& thrown) {
  if (thrown) {
    std::rethrow_exception(thrown);
  }
}

// Where the worker writes: the output file that was asked for, or memory.
class Output {
 public:
  static Result<Output> open(const std::string& path);
  [[nodiscard]] int fd() const { return file_ ? file_->fd() : memory_.get(); }
  Result<void> publish() { return file_ ? file_->publish() : Result<void>(); }

 private:
  UniqueFd folder_;
  std::optional<files::OutputFile> file_;
  UniqueFd memory_;
};

Result<Output> Output::open(const std::string& path) {
  Output output;
  if (path.empty()) {
    output.memory_.reset(::memfd_create("output", MFD_CLOEXEC));
    return output.memory_ ? Result<Output>(std::move(output))
                          : systemError(errno, "make room for the output");
  }
  const auto target = std::filesystem::absolute(path);
  Result<UniqueFd> folder = base::openDirectory(target.parent_path().c_str());
  if (!folder) {
    return folder.error();
  }
  output.folder_ = *std::move(folder);
  Result<files::OutputFile> file =
      files::OutputFile::create(output.folder_.get(), target.filename());
  if (!file) {
    return file.error();
  }
  output.file_.emplace(*std::move(file));
  return output;
}

// The job's part of the output file: what stands below the line "---".
std::string jobsPart(int fd) {
  std::string text;
  std::array<char, 64 * 1024> piece{};
  for (off_t at = 0;;) {
    const ssize_t got = ::pread(fd, piece.data(), piece.size(), at);
    if (got <= 0) {
      break;
    }
    text.append(piece.data(), static_cast<std::size_t>(got));
    at += got;
  }
  constexpr std::string_view kRule = "\n---\n";
  const std::size_t rule = text.find(kRule);
  return rule == std::string::npos ? "" : text.substr(rule + kRule.size());
}

// One run: its coroutines, the signals that cancel it, and what came of it.
class Run {
 public:
  Run(RunRequest request, std::string data_folder)
      : request_(std::move(request)), data_folder_(std::move(data_folder)) {}

  int execute();

 private:
  Result<void> prepare();
  void cancelOnSignal();
  boost::asio::awaitable<void> work();
  int report(const JobRun& run);

  RunRequest request_;
  std::string data_folder_;
  boost::asio::io_context context_;
  boost::asio::signal_set signals_{context_, SIGINT, SIGTERM};
  std::unique_ptr<vmms::SandboxVmms> vmms_;
  std::optional<Output> output_;
  std::optional<pool::DirectSource> vm_source_;
  std::optional<scheduler::Worker> worker_;
  std::optional<Result<JobRun>> ended_;
  std::vector<std::string> trace_;
  bool line_open_ = false;  ///< the job's last byte so far was no line's end
};

Result<void> Run::prepare() {
  Result<Output> output = Output::open(request_.output);
  if (!output) {
    return output.error();
  }
  output_.emplace(*std::move(output));
  vmms::SandboxConfig config;
  config.find_image = sandboxImages(data_folder_);
  config.warm_slots_max = 0;
  config.allow_unenforced = request_.allow_unenforced;
  auto started = vmms::SandboxVmms::start(context_.get_executor(), std::move(config));
  if (!started) {
    return started.error();
  }
  vmms_ = *std::move(started);
  scheduler::WorkerEvents events;
  events.trace = [this](const std::string& line) {
    trace_.push_back(scheduler::traceLine(std::time(nullptr), line));
  };
  if (!request_.json) {
    events.begins = [this](scheduler::Step step, const model::Vm* vm) {
      if (step != scheduler::Step::kRunJob) {
        return;
      }
      const Result<void> listening = vmms_->onOutput(*vm, [this](std::string_view bytes) {
        std::fwrite(bytes.data(), 1, bytes.size(), stdout);
        std::fflush(stdout);
        line_open_ = !bytes.ends_with('\n');
      });
      if (!listening) {
        std::fprintf(stderr, "tango: %s\n", listening.error().message().c_str());
      }
    };
  }
  vm_source_.emplace(*vmms_, "local", request_.job.id);
  worker_.emplace(context_.get_executor(), *vmms_, *vm_source_, scheduler::WorkerConfig{},
                  std::move(events));
  return {};
}

// The first signal ends the job in order, a second one this process at once (tango-sandbox then
// cleans up by itself).
void Run::cancelOnSignal() {
  signals_.async_wait([this](boost::system::error_code failure, int /*signal*/) {
    if (failure) {
      return;
    }
    boost::asio::co_spawn(context_, worker_->cancel(), rethrow);
    signals_.clear();
  });
}

int Run::report(const JobRun& run) {
  if (const Result<void> published = output_->publish(); !published) {
    return fail(kOwnFailure, published.error());
  }
  if (request_.json) {
    std::puts(reportJson(request_.job, run, trace_, jobsPart(output_->fd())).c_str());
  }
  if (line_open_) {
    std::fputs("\n", stdout);
  }
  std::fflush(stdout);
  std::fprintf(stderr, "tango: %s\n", verdictText(request_.job, run).c_str());
  if (const std::string usage = usageText(run); !usage.empty()) {
    std::fprintf(stderr, "tango: %s\n", usage.c_str());
  }
  return exitStatusOf(run);
}

boost::asio::awaitable<void> Run::work() {
  Result<JobRun> run =
      co_await worker_->run(request_.job, request_.vmms, std::time(nullptr), output_->fd());
  ended_.emplace(std::move(run));
  signals_.cancel();
}

int Run::execute() {
  if (const Result<void> prepared = prepare(); !prepared) {
    return fail(kOwnFailure, prepared.error());
  }
  cancelOnSignal();
  boost::asio::co_spawn(context_, work(), rethrow);
  context_.run();
  return ended_->ok() ? report(**ended_) : fail(kOwnFailure, ended_->error());
}

int runJob(RunRequest request, const Command& command) {
  if (const Result<void> completed = completeJob(request); !completed) {
    return fail(kBadUsage, completed.error());
  }
  ::signal(SIGPIPE, SIG_IGN);
  return Run(std::move(request), command.data_folder).execute();
}

}  // namespace

void addRunCommand(CLI::App& app, Command& command) {
  const auto request = std::make_shared<RunRequest>();
  CLI::App* run = app.add_subcommand("run", "Run one job from a folder, without a server");
  addRunOptions(*run, *request);
  run->footer(
      "Exit status: 0 make succeeded, 1 make failed, 2 a limit ended it, 3 tango failed,\n"
      "64 bad usage, 130 cancelled. Sizes: 512K, 64M, 1.5G, or bytes.");
  run->callback([&command, request] {
    command.run = [&command, request] { return runJob(*request, command); };
  });
}

}  // namespace tango::app
