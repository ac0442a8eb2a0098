#include "autodriver/watch.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <limits>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "autodriver/ending.hpp"

namespace tango::autodriver {
namespace {

using base::after;
using base::Error;
using base::ErrorKind;
using base::Millis;
using base::SteadyClock;
using model::Limit;
using model::RunOutcome;
using std::chrono::microseconds;

// As much is read at a time, so that a job that writes without end does not outlive its deadline.
constexpr std::size_t kReadAtOnce = 1 << 20;
constexpr Millis kDrainMax{1000};

class Watch {
 public:
  explicit Watch(const Watched& watched) : w_(watched), buffer_(64 * 1024) {}
  Result<RunOutcome> run();

 private:
  Result<void> loop();
  Result<void> takeEnd();
  void takeDiskUse();
  void pumpOutput(std::size_t bytes_max);
  void drainOutput();
  [[nodiscard]] microseconds cpuUsed() const;
  [[nodiscard]] bool overCpuTime() const;
  [[nodiscard]] Deadline nextLook() const;
  void settle(const std::optional<ChildEnd>& end);
  void nameLimit();

  Watched w_;
  std::vector<char> buffer_;
  bool output_open_ = true;
  bool ended_ = false;
  bool disk_full_ = false;
  std::optional<Note> end_note_;
  Deadline deadline_ = Deadline::max();
  microseconds cpu_before_{0};
  RunOutcome outcome_;
};

Result<RunOutcome> Watch::run() {
  cpu_before_ = cpuUsed();
  const auto started = SteadyClock::now();
  if (w_.limits.wall_time > Millis(0)) {
    deadline_ = started + w_.limits.wall_time;
  }
  Result<void> watched = w_.warden.run();
  if (watched) {
    watched = loop();
  }
  outcome_.usage.wall_time = std::chrono::duration_cast<microseconds>(SteadyClock::now() - started);
  if (w_.follower != nullptr) {
    w_.follower->ended();
  }
  const std::optional<ChildEnd> end = endAll(w_.job, w_.warden.process());
  if (!watched) {
    return watched.error();
  }
  takeDiskUse();
  drainOutput();
  settle(end);
  return outcome_;
}

Result<void> Watch::loop() {
  while (!ended_) {
    constexpr pollfd kNone{-1, 0, 0};
    std::array<pollfd, 6> fds = {pollfd{w_.warden.channel(), POLLIN, 0},
                                 pollfd{w_.stop.fd(), POLLIN, 0},
                                 pollfd{output_open_ ? w_.output_fd : -1, POLLIN, 0},
                                 kNone,
                                 kNone,
                                 kNone};
    if (w_.follower != nullptr) {
      const std::array<pollfd, 3> theirs = w_.follower->awaited();
      std::copy(theirs.begin(), theirs.end(), fds.begin() + 3);
    }
    pollUntil(fds.data(), fds.size(), std::min(deadline_, nextLook()));
    if (fds[2].revents != 0) {
      pumpOutput(kReadAtOnce);
    }
    if (fds[0].revents != 0) {
      return takeEnd();
    }
    if (fds[1].revents != 0) {
      return w_.stop.stopped();
    }
    if (w_.follower != nullptr) {
      if (Result<void> looked = w_.follower->look(); !looked) {
        return looked;
      }
    }
    if (SteadyClock::now() >= deadline_) {
      outcome_.ended_by = Limit::kWallTime;
      return {};
    }
    if (overCpuTime()) {
      outcome_.ended_by = Limit::kCpuTime;
      return {};
    }
  }
  return {};
}

Result<void> Watch::takeEnd() {
  ended_ = true;
  const std::optional<Note> note = takeNote(w_.warden.channel());
  if (note && note->kind == Note::Kind::kFailed) {
    return note->error();
  }
  if (!note || note->kind != Note::Kind::kEnded) {
    // Only the kernel kills the warden: when the group has no memory left, not even for it.
    if (w_.group == nullptr || w_.group->usage().oom_kills == 0) {
      return Error(ErrorKind::kSystem, "the warden was killed");
    }
    outcome_.signal = SIGKILL;
    return {};
  }
  if (WIFSIGNALED(note->wait_status)) {
    outcome_.signal = WTERMSIG(note->wait_status);
  } else {
    outcome_.exit_status = WEXITSTATUS(note->wait_status);
  }
  end_note_ = note;
  return {};
}

void Watch::takeDiskUse() {
  pollfd channel{w_.warden.channel(), POLLIN, 0};
  if (!end_note_ && ::poll(&channel, 1, 0) > 0) {
    end_note_ = takeNote(w_.warden.channel());  // of a job that was stopped
  }
  if (end_note_ && end_note_->kind == Note::Kind::kEnded && !w_.job.scratch.empty()) {
    outcome_.usage.disk_bytes = end_note_->disk_bytes;
    outcome_.usage.disk_inodes = end_note_->disk_inodes;
    disk_full_ = end_note_->disk_full != 0;
  }
}

void Watch::pumpOutput(std::size_t bytes_max) {
  std::size_t taken = 0;
  while (output_open_ && taken < bytes_max) {
    const ssize_t n = ::read(w_.output_fd, buffer_.data(), buffer_.size());
    if (n > 0) {
      const std::string_view piece(buffer_.data(), static_cast<std::size_t>(n));
      taken += piece.size();
      w_.spool.append(piece);
      if (w_.follower != nullptr) {
        w_.follower->take(piece);
      }
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
      output_open_ = false;
    } else if (errno == EAGAIN) {
      return;
    }
  }
}

// What the dead left in the pipe is there at once, so nothing is waited for; the time is bounded
// for the case that its other end was passed to a process that lives on and writes.
void Watch::drainOutput() {
  const Deadline deadline = after(kDrainMax);
  std::uint64_t before = std::numeric_limits<std::uint64_t>::max();
  while (output_open_ && before != w_.spool.total() && SteadyClock::now() < deadline) {
    before = w_.spool.total();
    pumpOutput(kReadAtOnce);
  }
}

microseconds Watch::cpuUsed() const {
  if (w_.group == nullptr) {
    return microseconds(0);
  }
  const sandbox::CgroupUsage used = w_.group->usage();
  return microseconds(used.user_us.value_or(0) + used.system_us.value_or(0));
}

bool Watch::overCpuTime() const {
  return w_.limits.cpu_time > Millis(0) && cpuUsed() - cpu_before_ > w_.limits.cpu_time;
}

// The limit cannot be passed before all cores together have used what is left of it.
Deadline Watch::nextLook() const {
  const Deadline follower = w_.follower == nullptr ? Deadline::max() : w_.follower->nextLook();
  if (w_.limits.cpu_time <= Millis(0)) {
    return follower;
  }
  const long cores = std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN));
  const microseconds left = w_.limits.cpu_time - (cpuUsed() - cpu_before_);
  return std::min(follower, SteadyClock::now() + std::max<microseconds>(left / cores, Millis(5)));
}

// After all is dead: what was used, and which limit it was.
void Watch::settle(const std::optional<ChildEnd>& end) {
  model::Usage& usage = outcome_.usage;
  if (w_.group != nullptr) {
    const sandbox::CgroupUsage used = w_.group->usage();
    usage.user_time = used.user_us ? std::optional<microseconds>(*used.user_us) : std::nullopt;
    usage.system_time =
        used.system_us ? std::optional<microseconds>(*used.system_us) : std::nullopt;
    usage.memory_peak_bytes = used.memory_peak_bytes;
    if (used.processes_peak && *used.processes_peak >= w_.own_processes) {
      usage.processes_peak = *used.processes_peak - w_.own_processes;
    }
    outcome_.oom_kills = used.oom_kills;
  }
  if (!usage.user_time && end) {
    const auto micros = [](const timeval& time) {
      return std::chrono::seconds(time.tv_sec) + microseconds(time.tv_usec);
    };
    usage.user_time = micros(end->used.ru_utime);
    usage.system_time = micros(end->used.ru_stime);
  }
  usage.output_bytes = w_.spool.total();
  outcome_.output_elided = w_.spool.elided();
  nameLimit();
}

void Watch::nameLimit() {
  if (outcome_.ended_by || outcome_.exit_status == 0) {
    if (!outcome_.ended_by && overCpuTime()) {
      outcome_.ended_by = Limit::kCpuTime;
    }
    return;
  }
  const bool forks_refused = w_.group != nullptr && w_.group->usage().forks_refused > 0;
  if (outcome_.oom_kills > 0) {
    outcome_.ended_by = Limit::kMemory;
  } else if (overCpuTime()) {
    outcome_.ended_by = Limit::kCpuTime;
  } else if (forks_refused) {
    outcome_.ended_by = Limit::kProcesses;
  } else if (disk_full_) {
    outcome_.ended_by = Limit::kDisk;
  }
}

}  // namespace

Result<RunOutcome> watchJob(const Watched& watched) {
  return Watch(watched).run();
}

}  // namespace tango::autodriver
