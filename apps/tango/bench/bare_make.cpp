#include "tango/bench/bare_make.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <optional>
#include <stop_token>
#include <system_error>
#include <thread>
#include <utility>

#include "base/folder.hpp"
#include "base/safe_path.hpp"
#include "tango/bench/bare_run.hpp"

namespace tango::bench {
namespace {

using base::Deadline;
using base::Error;
using base::ErrorKind;
using base::Result;
using base::SteadyClock;
namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kLook{20};

Millis millisBetween(Deadline begin, Deadline end) {
  return std::chrono::duration<double, std::milli>(end - begin).count();
}

Result<BareRun> checkedRun(const fs::path& folder, const std::string& expected) {
  Result<BareRun> run = runMake(folder);
  if (run && run->output != expected) {
    return Error(ErrorKind::kInvalid,
                 "the Makefile prints something else each time, so nothing can be checked: first " +
                     expected + " then " + run->output);
  }
  return run;
}

/// Returns at that time, or once it shall stop.
void sleepUntil(Deadline due, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_until(lock, stop, due, [] { return false; });
}

/// The runs that several threads share.
struct Work {
  const std::vector<fs::path>& folders;
  const std::string& expected;
  const DueTime& due;
  Deadline begin;
  std::atomic<std::size_t> next{0};
  std::stop_source stop;
};

/// One thread's runs. The first failure ends those of the others too.
Result<BareRuns> runSome(Work& work) {
  BareRuns runs;
  for (std::size_t at = work.next++; at < work.folders.size(); at = work.next++) {
    const Deadline due = work.due(work.begin, at);
    sleepUntil(due, work.stop.get_token());
    if (work.stop.stop_requested()) {
      break;
    }
    const Result<BareRun> run = checkedRun(work.folders[at], work.expected);
    if (!run) {
      work.stop.request_stop();
      return run.error();
    }
    runs.latencies.push_back(millisBetween(due, run->ended));
    runs.processor_seconds += run->processor_seconds;
    runs.seconds =
        std::max(runs.seconds, std::chrono::duration<double>(run->ended - work.begin).count());
  }
  return runs;
}

void add(BareRuns& all, const BareRuns& some) {
  all.seconds = std::max(all.seconds, some.seconds);
  all.processor_seconds += some.processor_seconds;
  all.latencies.insert(all.latencies.end(), some.latencies.begin(), some.latencies.end());
}

Result<BareRuns> runOnThreads(Work& work, const std::function<bool()>& interrupted) {
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::future<Result<BareRuns>>> threads;
  for (std::size_t at = 0; at < std::min(cores, work.folders.size()); ++at) {
    threads.push_back(std::async(std::launch::async, [&work] { return runSome(work); }));
  }
  BareRuns all;
  std::optional<Error> failure;
  bool gave_up = false;
  for (auto& thread : threads) {
    while (thread.wait_for(kLook) != std::future_status::ready) {
      gave_up = gave_up || interrupted();
      if (gave_up) {
        work.stop.request_stop();
      }
    }
    const Result<BareRuns> some = thread.get();
    if (!some) {
      failure = some.error();
    } else {
      add(all, *some);
    }
  }
  if (gave_up || interrupted()) {
    return Error(ErrorKind::kCancelled, "interrupted");
  }
  return failure ? Result<BareRuns>(*failure) : std::move(all);
}

}  // namespace

Result<std::vector<fs::path>> BareMake::makeFolders(std::size_t count) const {
  std::error_code failure;
  fs::create_directories(folder_, failure);
  const Result<base::UniqueFd> opened = base::openDirectory(folder_.c_str());
  if (!opened) {
    return opened.error();
  }
  if (const Result<void> removed = base::removeTree(opened->get(), "runs"); !removed) {
    return removed.error();
  }
  std::vector<fs::path> folders;
  for (std::size_t at = 0; at < count; ++at) {
    folders.push_back(folder_ / "runs" / std::to_string(at));
    fs::create_directories(folders.back(), failure);
    for (const model::InputFile& file : files_) {
      if (!failure) {
        fs::copy_file(file.local_file, folders.back() / file.dest_file, failure);
      }
    }
    if (failure) {
      return Error(ErrorKind::kSystem,
                   "copy the job's files to " + folders.back().string() + ": " + failure.message());
    }
  }
  return folders;
}

Result<std::string> BareMake::learnOutput() {
  const Result<std::vector<fs::path>> folders = makeFolders(1);
  if (!folders) {
    return folders.error();
  }
  const Result<BareRun> run = runMake(folders->front());
  if (!run) {
    return run.error();
  }
  expected_ = run->output;
  return expected_;
}

Result<BareRuns> BareMake::once() {
  const Result<std::vector<fs::path>> folders = makeFolders(1);
  if (!folders) {
    return folders.error();
  }
  const Deadline begin = SteadyClock::now();
  const Result<BareRun> run = checkedRun(folders->front(), expected_);
  if (!run) {
    return run.error();
  }
  const Millis took = millisBetween(begin, run->ended);
  constexpr double kMillisPerSecond = 1000;
  const BareRuns runs{took / kMillisPerSecond, run->processor_seconds, {took}};
  count(runs);
  return runs;
}

Result<BareRuns> BareMake::onAllCores(std::size_t wanted, const DueTime& due,
                                      const std::function<bool()>& interrupted) {
  const Result<std::vector<fs::path>> folders = makeFolders(wanted);
  if (!folders) {
    return folders.error();
  }
  Work work{*folders, expected_, due, SteadyClock::now(), {}, {}};
  Result<BareRuns> runs = runOnThreads(work, interrupted);
  if (runs) {
    count(*runs);
  }
  return runs;
}

void BareMake::count(const BareRuns& runs) {
  makes_ += runs.latencies.size();
  processor_seconds_ += runs.processor_seconds;
}

double BareMake::processorSeconds() const {
  return makes_ == 0 ? 0 : processor_seconds_ / static_cast<double>(makes_);
}

}  // namespace tango::bench
