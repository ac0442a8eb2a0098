#include "autodriver/run.hpp"

#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "autodriver/ending.hpp"
#include "autodriver/group.hpp"
#include "autodriver/machine_lock.hpp"
#include "autodriver/pipe.hpp"
#include "autodriver/tree_reader.hpp"
#include "autodriver/warden.hpp"
#include "autodriver/watch.hpp"
#include "sandbox/parts/cgroup_files.hpp"

namespace tango::autodriver {
namespace {

using base::after;
using base::Error;
using base::ErrorKind;
using base::Millis;
using base::systemError;
using drive::findAccount;
using drive::unusedUid;

constexpr const char* kUser = "autograde";
constexpr Millis kCopyMax{300'000};
constexpr std::uint64_t kCopyBytesMax = std::uint64_t{16} << 30;
constexpr std::uint64_t kCopyEntriesMax = 500'000;
constexpr unsigned kCopyDepthMax = 100;

// The program of the process that reads the caller's files. What goes wrong is told in the stream.
int readTree(const Job& job, int tree_fd) {
  if (!becomeShielded(job.caller.identity, job.shield)) {
    return 1;
  }
  const UniqueFd here(::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  RecordOut out(tree_fd);
  return here && sendTree(here.get(), job.directory, job.bounds, out) ? 0 : 1;
}

Result<void> copyFolder(const Job& job, Warden& warden, Pipe& tree, const StopSignals& stop) {
  if (Result<void> removed = removeOldFolder(job); !removed) {
    return removed;
  }
  tree.read.reset();
  const Result<Child> reader = Child::start([&] { return readTree(job, tree.write.get()); });
  tree.write.reset();
  if (!reader) {
    return reader.error();
  }
  const Result<void> copied = warden.copy(stop, after(kCopyMax));
  return copied ? copied : copied.error().during("cannot copy " + job.directory);
}

Result<model::RunOutcome> copyAndRun(const Options& options, const Job& job, OutputSpool& spool,
                                     const sandbox::Cgroup* group) {
  const Result<StopSignals> stop = StopSignals::open();
  Result<Pipe> tree = makePipe();
  Result<Pipe> output = makeOutputPipe(job.account);
  if (!stop || !tree || !output) {
    return !stop ? stop.error() : !tree ? tree.error() : output.error();
  }
  Result<Warden> warden = Warden::start(job, tree->read.get(), output->write.get(), group, *stop);
  output->write.reset();
  if (!warden) {
    return warden.error();
  }
  if (const Result<void> copied = copyFolder(job, *warden, *tree, *stop); !copied) {
    endAll(job, warden->process());
    return copied.error();
  }
  Watched watched{job, runLimits(options), *warden, group, output->read.get(), spool, *stop};
  return watchJob(watched);
}

}  // namespace

Result<Job> prepareJob(const Options& options, Caller caller) {
  const std::string passwd = sandbox::readFileAt(AT_FDCWD, "/etc/passwd");
  Result<Account> account = findAccount(passwd, kUser);
  if (!account) {
    return account.error();
  }
  if (account->uid == caller.identity.uid) {
    return Error(ErrorKind::kInvalid, std::string("autodriver should not be run as ") + kUser);
  }
  struct stat home{};
  if (::stat(account->home.c_str(), &home) != 0 || !S_ISDIR(home.st_mode)) {
    return Error(ErrorKind::kNotFound,
                 "there is no folder " + account->home + ", the home of " + account->name);
  }
  Job job;
  job.identity = {account->uid, account->gid, {}};
  job.shield = unusedUid(sandbox::readFileAt(AT_FDCWD, "/proc/self/uid_map"), passwd);
  job.home_mode = home.st_mode & 07777U;
  job.directory = options.directory;
  job.environment = jobEnvironment(*account, caller.environment, Inherit::kForPrograms);
  job.rlimits = {options.processes, options.file_size_bytes, options.open_files};
  job.view = {account->home, options.disk_bytes, options.disk_inodes, account->uid, account->gid};
  if (job.view.bounded()) {
    job.scratch = {kScratchView};
  }
  job.bounds = {options.disk_bytes == 0 ? kCopyBytesMax : options.disk_bytes, kCopyEntriesMax,
                kCopyDepthMax};
  job.account = *std::move(account);
  job.caller = std::move(caller);
  return job;
}

Result<Finished> runJob(const Options& options, Job job) {
  const Result<UniqueFd> lock = takeMachineLock();
  if (!lock) {
    return lock.error();
  }
  Result<OutputSpool> spool = OutputSpool::open(options.output_bytes);
  if (!spool) {
    return spool.error();
  }
  Result<std::optional<JobGroup>> group = makeGroup(options);
  if (!group) {
    return group.error();
  }
  if (group->has_value() && (*group)->limits_processes) {
    ++job.rlimits.processes;  // so that the group refuses first: it can tell that it did
  }
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  killLeftovers(job);
  const sandbox::Cgroup* const used = group->has_value() ? &(*group)->cgroup : nullptr;
  Result<model::RunOutcome> outcome = copyAndRun(options, job, *spool, used);
  if (group->has_value()) {
    removeGroup((*group)->cgroup);
  }
  const bool cleaned = sweepAll(job);
  if (!outcome) {
    return outcome.error();
  }
  return Finished{*std::move(outcome), *std::move(spool), cleaned};
}

}  // namespace tango::autodriver
