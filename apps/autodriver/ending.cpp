#include "autodriver/ending.hpp"

#include <ctime>

#include <sys/stat.h>
#include <sys/wait.h>

#include "autodriver/sweep.hpp"
#include "base/safe_path.hpp"

namespace tango::autodriver {
namespace {

using base::after;
using base::Error;
using base::ErrorKind;
using base::Millis;
using base::SteadyClock;
using base::UniqueFd;

constexpr Millis kWardenMax{2'000};
constexpr Millis kStragglersMax{1'000};
constexpr Millis kSweepMax{20'000};

// Everybody who can have processes of the job.
std::vector<uid_t> usersOf(const Job& job) {
  std::vector<uid_t> users = job.students.userIds();
  users.push_back(job.account.uid);
  return users;
}

void killAll(const Job& job) {
  for (const uid_t uid : usersOf(job)) {
    killAllOf(uid, job.shield);
  }
}

// Until nothing of the users is alive. Only new arrivals (somebody's login, a timer) need more than
// the first round, or processes that the kernel does not let die yet.
void killUntilGone(const Job& job) {
  const Deadline deadline = after(kStragglersMax);
  const timespec pause{0, 2'000'000};
  while (!aliveOf(usersOf(job)).empty() && SteadyClock::now() < deadline) {
    killAll(job);
    ::nanosleep(&pause, nullptr);
  }
}

// Runs `body`, which returns whether all went well, with the rights of the job's user only.
bool asJobUser(const Job& job, const std::function<bool()>& body) {
  Result<Child> child =
      Child::start([&] { return becomeShielded(job.identity, job.shield) && body() ? 0 : 1; });
  if (!child) {
    return false;
  }
  const std::optional<ChildEnd> end = child->waitUntil(after(kSweepMax));
  return end && WIFEXITED(end->wait_status) && WEXITSTATUS(end->wait_status) == 0;
}

}  // namespace

std::optional<ChildEnd> endAll(const Job& job, Child& warden) {
  killAll(job);
  std::optional<ChildEnd> end = warden.waitUntil(after(kWardenMax));
  if (!end) {
    warden.kill();
    static_cast<void>(warden.waitUntil(after(kStragglersMax)));
  }
  killUntilGone(job);
  reapOrphans(after(Millis(0)));
  return end;
}

void killLeftovers(const Job& job) {
  killAll(job);
  killUntilGone(job);
}

Result<void> removeOldFolder(const Job& job) {
  const bool removed = asJobUser(job, [&] {
    const Result<UniqueFd> home = base::openDirectory(job.account.home.c_str());
    return home && removeTree(home->get(), job.directory, job.account.uid);
  });
  if (!removed) {
    return Error(ErrorKind::kExists, job.account.home + "/" + job.directory +
                                         " is in the way, and user " + job.account.name +
                                         " cannot remove it");
  }
  return {};
}

bool sweepAll(const Job& job) {
  return asJobUser(job, [&] {
    // The job may have locked its own home.
    const std::string& home = job.account.home;
    ::chmod(home.c_str(), job.home_mode | 0700);
    bool clean = true;
    for (const std::string& folder : scratchFolders(home)) {
      clean = sweepFolder(folder, job.account.uid) && clean;
    }
    ::chmod(home.c_str(), job.home_mode);
    return sweepIpc(job.account.uid) && clean;
  });
}

}  // namespace tango::autodriver
