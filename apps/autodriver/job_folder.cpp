#include "autodriver/job_folder.hpp"

#include <cerrno>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "autodriver/channel.hpp"
#include "autodriver/child.hpp"
#include "autodriver/scratch.hpp"
#include "autodriver/tree_writer.hpp"

namespace tango::autodriver {
namespace {

using base::Error;
using base::ErrorKind;
using base::Millis;
using base::systemError;

constexpr mode_t kFolderMode = 0755;
constexpr Millis kPrepareMax{10'000};

bool isReadOnly(const std::string& folder) {
  struct statvfs about{};
  return ::statvfs(folder.c_str(), &about) == 0 && (about.f_flag & ST_RDONLY) != 0;
}

// One that the engine did not mount with this owner is root's, and as it makes them: its mode is
// set as long as it is.
Result<void> give(const std::string& folder, const Account& account) {
  const UniqueFd fd(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  struct stat about{};
  if (!fd || ::fstat(fd.get(), &about) != 0) {
    return systemError(errno, "open " + folder);
  }
  if (about.st_uid == account.uid && about.st_gid == account.gid) {
    return {};
  }
  if ((about.st_uid == 0 && ::chmod(folder.c_str(), kFolderMode) != 0) ||
      ::fchownat(fd.get(), "", account.uid, account.gid, AT_EMPTY_PATH) != 0) {
    return systemError(errno, "give " + folder + " to " + account.name);
  }
  return {};
}

// With the rights of the caller, which are autograde's: the home may be a link to anywhere.
Result<UniqueFd> openFolder(const Job& job) {
  const UniqueFd home(::open(job.account.home.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!home) {
    return systemError(errno, "open " + job.account.home);
  }
  UniqueFd folder(
      ::openat(home.get(), job.directory.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder) {
    return systemError(errno, "open " + job.account.home + "/" + job.directory);
  }
  return folder;
}

Result<void> makeFolder(const Job& job) {
  const std::string path = job.account.home + "/" + job.directory;
  if (::mkdir(path.c_str(), kFolderMode) != 0 && errno != EEXIST) {
    return systemError(errno, "make folder " + path);
  }
  const Result<UniqueFd> folder = openFolder(job);
  if (!folder) {
    return folder.error();
  }
  if (::fchmod(folder->get(), kFolderMode) != 0) {
    return systemError(errno, "set the mode of " + path);
  }
  return {};
}

Result<void> receiveFiles(const Job& job, int fd, Millis patience) {
  const Result<UniqueFd> folder = openFolder(job);
  if (!folder) {
    return folder.error();
  }
  drive::RecordIn in(fd, patience);
  return receiveTree(folder->get(), roomIn(job.account.home + "/" + job.directory, job.bounds), in);
}

// Before it is autodriver's turn, and not as soon as a job's.
void offerToOomKiller() {
  const UniqueFd file(::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
  static_cast<void>(!::write(file.get(), "500", 3));
}

using Wait = std::function<Result<void>(int fd)>;

// Runs `body` in a process with autograde's rights only, and gives what it gives. `wait` waits
// until a descriptor can be read; its error ends the process.
Result<void> asJobUser(const Job& job, const Wait& wait,
                       const std::function<Result<void>()>& body) {
  Result<std::pair<UniqueFd, UniqueFd>> ends = makeChannel();
  if (!ends) {
    return ends.error();
  }
  const Result<Child> child = Child::start([&] {
    offerToOomKiller();
    const Result<void> done = becomeShielded(job.identity, job.shield)
                                  ? body()
                                  : systemError(errno, "become the user that runs jobs");
    return sendNote(ends->second.get(), done ? Note() : Note::failed(done.error())) ? 0 : 1;
  });
  ends->second.reset();
  if (!child) {
    return child.error();
  }
  if (Result<void> told = wait(ends->first.get()); !told) {
    return told;
  }
  const std::optional<Note> note = takeNote(ends->first.get());
  if (!note) {
    return Error(ErrorKind::kTooLarge, "the files do not fit in the machine's memory");
  }
  return note->kind == Note::Kind::kDone ? Result<void>() : note->error();
}

}  // namespace

Result<void> prepareJobFolder(const Job& job, const StopSignals& stop) {
  const std::string& home = job.account.home;
  const std::string folder = home + "/" + job.directory;
  const bool whole_home = !isReadOnly(home);
  if (!whole_home && isReadOnly(folder)) {
    return Error(ErrorKind::kUnsupported,
                 home + " cannot be written to: mount a tmpfs there, or at " + folder);
  }
  if (Result<void> given = give(whole_home ? home : folder, job.account); !given) {
    return given;
  }
  const auto wait = [&](int fd) { return stop.waitReadable(fd, base::after(kPrepareMax)); };
  return asJobUser(job, wait, [&] { return makeFolder(job); });
}

Result<void> takeFiles(const Job& job, ServiceEnd& service) {
  const int from = service.in();
  return asJobUser(
      job, [&](int fd) { return service.waitBeside(fd); },
      [&] { return receiveFiles(job, from, service.lease()); });
}

}  // namespace tango::autodriver
