// autodriver: runs `make` on a student's work inside a VM or a container, as a user that has
// nothing else to do there, within limits. It is setuid root and is called by an ordinary user.
//
// Theory of operation. Four kinds of process, and what each may do:
//   autodriver  root, single-threaded. Opens no file that its caller or a job can name.
//   reader      the caller's rights only: reads DIRECTORY, writes bytes to a pipe.
//   warden      root, first process of the job's namespaces where these can be had. Runs, each in
//               a child: the writer (autograde's rights only: makes the copy from those bytes) and
//               the job (autograde in every respect, no way to gain a right).
//   sweeper     autograde's rights only: deletes what is left.
// So root neither reads, writes, moves nor deletes anything that a user made. Reader, writer and
// sweeper have a real uid that nobody has, so nobody can signal them. The job's output comes
// through a pipe. Everything that is waited for has a deadline. What is printed comes last: when
// the caller sees it, the job is dead and its files are gone. Standing by is a way of its own, see
// stand_by.hpp and attach.hpp.
#include <string>
#include <string_view>

#include <unistd.h>

#include "autodriver/attach.hpp"
#include "autodriver/entry.hpp"
#include "autodriver/options.hpp"
#include "autodriver/output_spool.hpp"
#include "autodriver/run.hpp"
#include "autodriver/stand_by.hpp"
#include "drive/report.hpp"
#include "model/outcome.hpp"

namespace tango::autodriver {
namespace {

constexpr int kUsageError = 1;
constexpr int kSystemError = 3;

int fail(int status, std::string_view message) {
  writeAll(STDOUT_FILENO, "Autodriver: " + std::string(message) + "\n");
  return status;
}

int fail(const base::Error& error) {
  return fail(error.kind() == base::ErrorKind::kInvalid ? kUsageError : kSystemError,
              error.message());
}

int print(const Options& options, const Finished& finished) {
  const std::string line = model::autodriverLine(finished.outcome, runLimits(options)) + "\n";
  bool told = writeAll(STDOUT_FILENO, line) && finished.output.writeTo(STDOUT_FILENO);
  if (options.report_fd) {
    told =
        writeAll(*options.report_fd, drive::reportJson(finished.outcome, finished.cleaned)) && told;
  }
  return told ? model::autodriverExitCode(finished.outcome) : kSystemError;
}

int run(int argc, char** argv) {
  Result<Caller> caller = meetCaller();
  if (!caller) {
    return fail(kSystemError, caller.error().message());
  }
  const Result<Options> options = parseOptions(argc, argv);
  if (!options) {
    return fail(kUsageError, options.error().message() + "; see autodriver --help");
  }
  if (options->action == Options::Action::kHelp) {
    return writeAll(STDOUT_FILENO, helpText()) ? 0 : kSystemError;
  }
  if (options->action == Options::Action::kVersion) {
    return writeAll(STDOUT_FILENO, "autodriver " TANGO_VERSION "\n") ? 0 : kSystemError;
  }
  if (options->action == Options::Action::kStandBy) {
    return caller->identity.uid == 0 ? standBy(*options, *std::move(caller))
                                     : fail(kUsageError, "only root may have it stand by");
  }
  if (options->action == Options::Action::kAttach) {
    return attach(*options, *caller);
  }
  if (caller->identity.uid == 0) {
    return fail(kUsageError, "Autodriver should not be run as root.");
  }
  if (const Result<void> taken = takeOver(options->report_fd); !taken) {
    return fail(taken.error());
  }
  Result<Job> job = prepareJob(*options, *std::move(caller));
  if (!job) {
    return fail(job.error());
  }
  const Result<Finished> finished = runJob(*options, *std::move(job));
  return finished ? print(*options, *finished) : fail(kSystemError, finished.error().message());
}

}  // namespace
}  // namespace tango::autodriver

int main(int argc, char** argv) {
  return tango::autodriver::run(argc, argv);
}
