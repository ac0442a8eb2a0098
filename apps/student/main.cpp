// tango-student: runs a student's command from inside a job, for its grader, with nothing of the
// grader's in its reach. This program has no right either: it asks the privileged process that
// every job has around it (sandbox/student/service.hpp).
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

#include "base/unique_fd.hpp"
#include "base/write_all.hpp"
#include "student/options.hpp"
#include "student/report.hpp"
#include "student/run.hpp"

namespace tango::student {
namespace {

using base::ErrorKind;
using base::Result;

// As timeout(1) has them, and env(1).
constexpr int kTimeOver = 124;
constexpr int kNotAsPromised = 125;
constexpr int kNotExecutable = 126;
constexpr int kNotFound = 127;
constexpr int kBySignal = 128;

int complain(int status, const std::string& message) {
  const std::string line = "tango-student: " + message + "\n";
  static_cast<void>(base::writeAll(STDERR_FILENO, line).ok());
  return status;
}

int print(const char* text) {
  return base::writeAll(STDOUT_FILENO, text) ? 0 : kNotAsPromised;
}

int statusOf(const sandbox::StudentEnd& end) {
  if (end.ended_by == sandbox::StudentLimit::kWallTime ||
      end.ended_by == sandbox::StudentLimit::kCpuTime) {
    return kTimeOver;
  }
  return end.exited ? end.status : kBySignal + end.status;
}

int statusOf(const base::Error& error) {
  switch (error.kind()) {
    case ErrorKind::kNotFound:
      return kNotFound;
    case ErrorKind::kInvalid:
      return kNotExecutable;
    default:
      return kNotAsPromised;
  }
}

int run(const Options& options) {
  base::UniqueFd report;
  if (options.report) {
    report.reset(::open(options.report->c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!report) {
      return complain(
          kNotAsPromised,
          base::systemError(errno, "option --report: open " + *options.report).message());
    }
  }
  const Result<Finished> finished = runCommand(options);
  if (report) {
    const std::string text =
        finished ? reportJson(*finished) : reportJson(finished.error().message());
    if (Result<void> written = base::writeAll(report.get(), text, *options.report); !written) {
      return complain(kNotAsPromised, written.error().message());
    }
  }
  return finished ? statusOf(finished->end)
                  : complain(statusOf(finished.error()), finished.error().message());
}

// Else the next file opened would be taken for one of them.
bool openStandardDescriptors() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0 && ::open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY) != fd) {
      return false;
    }
  }
  return true;
}

int start(int argc, char** argv) {
  if (!openStandardDescriptors()) {
    return kNotAsPromised;
  }
  ::signal(SIGPIPE, SIG_IGN);
  const Result<Options> options = parseOptions(argc, argv);
  if (!options) {
    return complain(kNotAsPromised, options.error().message() + "; see tango-student --help");
  }
  switch (options->action) {
    case Options::Action::kHelp:
      return print(helpText());
    case Options::Action::kVersion:
      return print("tango-student " TANGO_VERSION "\n");
    case Options::Action::kRun:
      break;
  }
  return run(*options);
}

}  // namespace
}  // namespace tango::student

int main(int argc, char** argv) {
  return tango::student::start(argc, argv);
}
