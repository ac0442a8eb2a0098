#include "autodriver/stand_by.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "autodriver/added_user.hpp"
#include "autodriver/job.hpp"
#include "autodriver/job_folder.hpp"
#include "autodriver/output_spool.hpp"
#include "autodriver/pipe.hpp"
#include "autodriver/run_follower.hpp"
#include "autodriver/scratch.hpp"
#include "autodriver/warden.hpp"
#include "autodriver/watch.hpp"
#include "drive/report.hpp"
#include "model/outcome.hpp"
#include "sandbox/parts/cgroup_files.hpp"
#include "sandbox/parts/seccomp.hpp"

namespace tango::autodriver {
namespace {

using base::Error;
using base::ErrorKind;
using base::Millis;
using drive::Ask;
using drive::Request;
using drive::Tell;

constexpr const char* kAddedHome = "/home/autograde";
constexpr TreeBounds kFilesMax{std::uint64_t{1} << 40, 1'000'000, 100};
constexpr std::size_t kBallastBytes = 512 * 1024;
constexpr std::uint64_t kOwnProcesses = 2;  // autodriver and the warden
constexpr int kSystemError = 3;

/// A job's requests, one after the other.
class Stand {
 public:
  Stand(Job job, ServiceEnd service, const StopSignals& stop, sandbox::Cgroup* limits)
      : job_(std::move(job)),
        service_(std::move(service)),
        stop_(stop),
        limits_(limits),
        ballast_(kBallastBytes) {}

  /// Returns what it ended for.
  Error serve();

 private:
  struct Ran {
    model::RunOutcome outcome;
    model::RunLimits limits;
    OutputSpool output;
  };

  /// All that is said over one connection; what it ended for.
  Error converse();
  Result<void> answer(const Request& request);
  Result<void> files();
  Result<void> run(const model::RunLimits& limits);
  Result<void> limit(const model::RunLimits& limits);
  Result<model::RunOutcome> watch(const model::RunLimits& limits, OutputSpool& spool,
                                  RunFollower& follower);
  Result<void> tellOutcome();
  Result<void> output();

  Job job_;
  ServiceEnd service_;
  const StopSignals& stop_;
  sandbox::Cgroup* limits_;  ///< may be null
  Ballast ballast_;
  bool has_files_ = false;
  std::optional<Ran> ran_;
  std::optional<Error> failure_;  ///< it is of no further use
};

// Half of the processes, so that a grader goes on whatever its student's command uses up; the rest
// is what the job has.
void limitStudents(sandbox::StudentLimits& students, const model::RunLimits& job) {
  constexpr std::uint64_t kNoLimit = RLIM_INFINITY;
  const auto given = [](std::uint64_t limit) { return limit == 0 ? kNoLimit : limit; };
  students.processes =
      job.processes == 0 ? kNoLimit : std::max<std::uint64_t>(job.processes / 2, 1);
  students.file_size_bytes = given(job.file_size_bytes);
  students.open_files = given(job.open_files);
}

// What ends standing by, other than what a request came to.
bool isEnd(const Error& error) {
  return error.kind() == ErrorKind::kCancelled || error.kind() == ErrorKind::kTimeout;
}

Error Stand::serve() {
  for (;;) {
    if (service_.isCut()) {
      if (const Result<void> connected = service_.awaitConnection(); !connected) {
        return connected.error();
      }
    }
    const Error end = converse();
    if (!service_.isCut()) {
      return end;
    }
  }
}

Error Stand::converse() {
  if (!failure_) {
    if (const Result<void> sent = service_.send(drive::encodeReady()); !sent) {
      return sent.error();
    }
  }
  while (!failure_) {
    const Result<Request> request = service_.nextRequest();
    if (!request) {
      return request.error();
    }
    const Result<void> answered = answer(*request);
    if (!answered && isEnd(answered.error())) {
      return answered.error();
    }
    if (!answered) {
      failure_ = answered.error();
      ballast_.drop();
      service_.renewLease();
    }
  }
  if (const Result<void> sent = service_.send(drive::encodeFailure(*failure_)); !sent) {
    return sent.error();
  }
  // What is still sent is taken, so that the sender comes to read.
  return service_.passOver();
}

Result<void> Stand::answer(const Request& request) {
  switch (request.ask) {
    case Ask::kFiles:
      return files();
    case Ask::kRun:
      return run(limitsOf(request));
    case Ask::kOutput:
      return output();
    case Ask::kBeat:
      break;
  }
  return Error(ErrorKind::kInvalid, "there is no such request");
}

Result<void> Stand::files() {
  if (has_files_) {
    return Error(ErrorKind::kInvalid, "the files are here already");
  }
  if (Result<void> taken = takeFiles(job_, service_); !taken) {
    if (service_.isCut()) {
      failure_ = Error(ErrorKind::kSystem, "the files were cut off");
    }
    return taken;
  }
  has_files_ = true;
  service_.renewLease();
  return service_.send(encodeReply(Tell::kDone));
}

Result<void> Stand::limit(const model::RunLimits& limits) {
  if (limits_ == nullptr) {
    return {};
  }
  // More than there can be at all (PID_MAX_LIMIT) is no limit, and none that the kernel takes.
  constexpr std::uint64_t kProcessesMax = 4'000'000;
  const bool limited = limits.processes != 0 && limits.processes < kProcessesMax;
  return limits_->setProcesses(limited ? limits.processes + kOwnProcesses : 0);
}

Result<model::RunOutcome> Stand::watch(const model::RunLimits& limits, OutputSpool& spool,
                                       RunFollower& follower) {
  const Result<sandbox::Cgroup> group = sandbox::Cgroup::openOwn();
  if (limits.cpu_time > Millis(0) && !(group && group->usage().user_us)) {
    return Error(ErrorKind::kUnsupported,
                 "cannot limit CPU time: the container does not show "
                 "its control group at /sys/fs/cgroup");
  }
  Result<Pipe> output = makeOutputPipe(job_.account);
  if (!output) {
    return output.error();
  }
  Result<Warden> warden = Warden::start(job_, -1, output->write.get(), nullptr, stop_);
  output->write.reset();
  if (!warden) {
    return warden.error();
  }
  Watched watched{
      job_,  limits,    *warden,      group ? &*group : nullptr, output->read.get(), spool,
      stop_, &follower, kOwnProcesses};
  Result<model::RunOutcome> outcome = watchJob(watched);
  if (!outcome) {
    return outcome;
  }
  const Result<void> told = follower.finish();
  return told ? std::move(outcome) : told.error();
}

Result<void> Stand::run(const model::RunLimits& limits) {
  if (ran_) {
    return tellOutcome();
  }
  if (!has_files_) {
    return Error(ErrorKind::kInvalid, "there are no files yet");
  }
  if (Result<void> limited = limit(limits); !limited) {
    return limited;
  }
  Result<OutputSpool> spool = OutputSpool::openInMemory(limits.output_bytes);
  if (!spool) {
    return spool.error();
  }
  // One user is shared by all containers of a host, so no rlimit counts its processes.
  job_.rlimits = {0, limits.file_size_bytes, limits.open_files};
  limitStudents(job_.students.limits, limits);
  RunFollower follower(service_, ballast_);
  const Result<model::RunOutcome> outcome = watch(limits, *spool, follower);
  if (!outcome) {
    return outcome.error();
  }
  ran_ = Ran{*outcome, limits, *std::move(spool)};
  service_.renewLease();
  return follower.isAwaited() ? tellOutcome() : Result<void>();
}

Result<void> Stand::tellOutcome() {
  return service_.send(encodeReply(Tell::kOutcome, drive::reportJson(ran_->outcome, false)));
}

Result<void> Stand::output() {
  if (!ran_) {
    return Error(ErrorKind::kInvalid, "no job has run yet");
  }
  const std::string line = model::autodriverLine(ran_->outcome, ran_->limits) + "\n";
  Result<void> sent = service_.send(encodeReply(Tell::kText, line));
  const bool handed = sent && ran_->output.hand([&](std::string_view piece) {
    sent = service_.send(encodeReply(Tell::kText, piece));
    return sent.ok();
  });
  if (!sent) {
    return sent;
  }
  if (!handed) {
    return Error(ErrorKind::kSystem, "the output could not be read back");
  }
  service_.renewLease();
  return service_.send(encodeReply(Tell::kDone));
}

int lastWord(int status, const Error& error) {
  sayLastWord(error);
  return status;
}

// The service is told too: it waits for kReady.
int cannot(ServiceEnd& service, const Error& error) {
  static_cast<void>(service.send(drive::encodeFailure(error)));
  return lastWord(kSystemError, error);
}

// Whoever put autodriver on this machine has put tango-student in the folder `bin` beside it.
std::vector<std::string> withStudentProgram(std::vector<std::string> environment) {
  std::error_code failure;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", failure);
  const std::string folder = self.parent_path() / "bin";
  if (::access((folder + "/tango-student").c_str(), X_OK) == 0) {
    for (std::string& variable : environment) {
      variable += variable.starts_with("PATH=") ? ":" + folder : "";
    }
  }
  return environment;
}

}  // namespace

Result<Job> makeStandByJob(const Options& options, Caller caller, Inherit which) {
  const auto user_id = static_cast<uid_t>(options.user_id);
  std::string passwd = sandbox::readFileAt(AT_FDCWD, "/etc/passwd");
  Result<Account> account = drive::findAccount(passwd, kJobUser);
  if (!account && account.error().kind() == ErrorKind::kNotFound && user_id != 0) {
    if (const Result<void> added = addUser("/etc", kJobUser, user_id, kAddedHome); !added) {
      return added.error();
    }
    passwd = sandbox::readFileAt(AT_FDCWD, "/etc/passwd");
    account = drive::findAccount(passwd, kJobUser);
  }
  if (!account) {
    return account.error();
  }
  // An engine's own filter lets more through, such as io_uring and vsock sockets of old ones.
  Result<std::vector<sock_filter>> filter = sandbox::makeSeccompFilter();
  if (!filter) {
    return filter.error();
  }
  Job job;
  job.filter = *std::move(filter);
  job.identity = {account->uid, account->gid, {}};
  job.shield = drive::unusedUid(sandbox::readFileAt(AT_FDCWD, "/proc/self/uid_map"), passwd);
  job.directory = kJobFolder;
  job.environment = withStudentProgram(jobEnvironment(*account, caller.environment, which));
  job.own_namespaces = false;
  job.bounds = kFilesMax;
  job.account = *std::move(account);
  job.caller = std::move(caller);
  return job;
}

Result<void> prepareToServe(Job& job, std::uint64_t memory_bytes, const StopSignals& stop) {
  Result<StudentPlan> students =
      prepareStudentSlots(sandbox::readFileAt(AT_FDCWD, "/etc/passwd"), memory_bytes);
  if (!students) {
    return students.error();
  }
  job.students = *std::move(students);
  if (Result<void> prepared = prepareJobFolder(job, stop); !prepared) {
    return prepared;
  }
  const std::string& home = job.account.home;
  job.scratch = scratchAmong({home, home + "/" + kJobFolder, "/tmp", "/var/tmp", "/dev/shm"});
  return {};
}

Error serveJob(Job job, ServiceEnd service, const StopSignals& stop, sandbox::Cgroup* limits) {
  return Stand(std::move(job), std::move(service), stop, limits).serve();
}

void sayLastWord(const Error& error) {
  writeAll(STDERR_FILENO, "Autodriver: " + error.message() + "\n");
}

int standBy(const Options& options, Caller caller) {
  if (const Result<void> taken = takeOver(std::nullopt); !taken) {
    return lastWord(kSystemError, taken.error());
  }
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  const Result<StopSignals> stop = StopSignals::open();
  if (!stop) {
    return lastWord(kSystemError, stop.error());
  }
  Result<ServiceEnd> service =
      ServiceEnd::open(STDIN_FILENO, STDOUT_FILENO, Millis(options.lease_ms), *stop);
  if (!service) {
    return lastWord(kSystemError, service.error());
  }
  Result<Job> job = makeStandByJob(options, std::move(caller), Inherit::kAll);
  if (!job) {
    return cannot(*service, job.error());
  }
  if (const Result<void> prepared = prepareToServe(*job, options.memory_bytes, *stop); !prepared) {
    return cannot(*service, prepared.error());
  }
  return lastWord(0, serveJob(*std::move(job), *std::move(service), *stop, nullptr));
}

}  // namespace tango::autodriver
