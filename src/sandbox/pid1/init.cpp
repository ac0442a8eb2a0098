#include "sandbox/pid1/init.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "sandbox/parts/confined_process.hpp"
#include "sandbox/parts/first_process.hpp"
#include "sandbox/parts/mounts.hpp"
#include "sandbox/pid1/file_intake.hpp"
#include "sandbox/protocol.hpp"
#include "sandbox/student/namespace_cell.hpp"
#include "sandbox/student/service.hpp"

namespace tango::sandbox {
namespace {

using base::Deadline;
using base::Millis;
using base::SteadyClock;
using base::systemError;

constexpr std::uint64_t kLockedBytesMax = 64 * 1024;
constexpr std::uint64_t kStudentDiskMin = 256 * 1024;
constexpr std::uint64_t kStudentInodesMin = 64;
// Below that of a student's command (student/session.cpp), which shall go before its grader.
constexpr int kOomScore = 900;

class Init {
 public:
  explicit Init(InitSetup setup) : setup_(std::move(setup)) {}

  Result<void> prepare();
  /// Serves the service's messages until it is gone.
  void serve();
  void send(MessageType type, std::string_view body = {}, int fd = -1) const;

 private:
  Result<void> makeOutputPipe();
  void handle(Message message);
  Result<JobEnd> run(const JobLimits& limits);
  [[nodiscard]] Result<pid_t> startMake(const JobLimits& limits) const;
  /// Waits until make ended, the deadline passed or the service wants the end; fills `end`.
  void watch(pid_t make, Deadline deadline, JobEnd& end);
  bool reap(pid_t make, JobEnd& end);
  [[nodiscard]] StudentSetup studentSetup(const JobLimits& limits) const;

  InitSetup setup_;
  ChildSignals signals_;
  UniqueFd output_;       // the pipe's write end, for the job
  UniqueFd output_read_;  // its read end, until the service has it
  FileIntake intake_;
  StudentService students_;
  StudentSetup student_setup_;
  std::uint64_t student_inodes_ = 0;
};

void Init::send(MessageType type, std::string_view body, int fd) const {
  // The service is gone if this fails, and so shall we be.
  if (!sendMessage(setup_.socket.get(), type, body, fd)) {
    ::_exit(1);
  }
}

// The pipe belongs to the job's user, so that a program may open /dev/stdout, as it may where its
// output is a file of its own.
Result<void> Init::makeOutputPipe() {
  const bool other_user = setup_.two_ids;
  if (other_user) {
    ::setfsuid(setup_.spec->user.uid);
    ::setfsgid(setup_.spec->user.gid);
  }
  std::array<int, 2> ends{};
  const bool made = ::pipe2(ends.data(), O_CLOEXEC) == 0;
  const int failure = errno;
  if (other_user) {
    ::setfsuid(::geteuid());
    ::setfsgid(::getegid());
  }
  if (!made) {
    return systemError(failure, "make the output pipe");
  }
  output_read_.reset(ends[0]);
  output_.reset(ends[1]);
  return {};
}

Result<void> Init::prepare() {
  const SlotSpec& spec = *setup_.spec;
  ::umask(0);
  if (Result<void> mounted = mountScratch(spec.disk_bytes, spec.disk_inodes, spec.user); !mounted) {
    return mounted;
  }
  if (Result<void> opened = intake_.open(spec.user); !opened) {
    return opened;
  }
  if (Result<void> opened = students_.open(kStudentSocket, spec.user); !opened) {
    return opened;
  }
  Result<ChildSignals> signals = ChildSignals::open();
  if (!signals) {
    return signals.error();
  }
  signals_ = *std::move(signals);
  return makeOutputPipe();
}

void Init::serve() {
  send(MessageType::kReady, {}, output_read_.get());
  output_read_.reset();
  for (;;) {
    Result<std::optional<Message>> message = receiveMessage(setup_.socket.get());
    if (!message || !message->has_value()) {
      return;
    }
    handle(std::move(**message));
  }
}

void Init::handle(Message message) {
  switch (message.type) {
    case MessageType::kFile:
      intake_.take(message.body, std::move(message.fd));
      return;
    case MessageType::kSync: {
      const Result<void> taken = intake_.result();
      taken ? send(MessageType::kDone) : send(MessageType::kFailed, encode(taken.error()));
      return;
    }
    case MessageType::kRun: {
      const Result<void>& taken = intake_.result();
      const Result<JobLimits> limits =
          taken ? decodeJobLimits(message.body) : Result<JobLimits>(taken.error());
      const Result<JobEnd> end = limits ? run(*limits) : limits.error();
      end ? send(MessageType::kEnded, encode(*end))
          : send(MessageType::kFailed, encode(end.error()));
      return;
    }
    default:
      return;  // a kStop that crossed the job's own end
  }
}

Result<pid_t> Init::startMake(const JobLimits& limits) const {
  // RLIMIT_NPROC counts a user's processes in this user namespace; init and its keeper have the
  // job's own id where there is only one. Where a control group limits them it comes second: only
  // the group counts what it refused.
  const std::uint64_t ours = setup_.two_ids ? 0 : 2;
  const std::uint64_t second = setup_.processes_counted ? 1 : 0;
  ConfinedProcess make;
  make.user = setup_.spec->user;
  make.standard = {-1, output_.get(), output_.get()};
  make.folder = kWorkFolder;
  make.programs = {"/usr/bin/make", "/bin/make", "/usr/local/bin/make"};
  make.arguments = {"make"};
  make.environment = setup_.spec->environment;
  make.limits = {{RLIMIT_NPROC, limits.processes + ours + second},
                 {RLIMIT_FSIZE, limits.file_size_bytes},
                 {RLIMIT_NOFILE, limits.open_files},
                 {RLIMIT_CORE, 0},
                 {RLIMIT_MEMLOCK, kLockedBytesMax}};
  make.oom_score = kOomScore;
  make.filter = setup_.filter;
  Result<pid_t> started = startConfined(make);
  if (!started && started.error().kind() == base::ErrorKind::kNotFound) {
    return base::Error(base::ErrorKind::kInvalid,
                       "the image has no make (looked in /usr/bin, /bin and /usr/local/bin)");
  }
  return started;
}

// Half of everything by default, so that a grader goes on whatever its student's command uses up.
StudentSetup Init::studentSetup(const JobLimits& limits) const {
  const SlotSpec& spec = *setup_.spec;
  StudentSetup setup;
  setup.user = setup_.two_ids ? studentBeside(spec.user) : spec.user;
  setup.two_ids = setup_.two_ids;
  setup.limits.memory_bytes = spec.memory_bytes / 2;
  setup.limits.disk_bytes = std::max(spec.disk_bytes / kStudentRunsMax, kStudentDiskMin);
  setup.limits.processes = std::max<std::uint64_t>(limits.processes / 2, 1);
  setup.limits.file_size_bytes = limits.file_size_bytes;
  setup.limits.open_files = limits.open_files;
  setup.filter = setup_.filter;
  return setup;
}

Result<JobEnd> Init::run(const JobLimits& limits) {
  student_setup_ = studentSetup(limits);
  student_inodes_ = std::max(setup_.spec->disk_inodes / kStudentRunsMax, kStudentInodesMin);
  const SteadyClock::time_point begin = SteadyClock::now();
  const Result<pid_t> make = startMake(limits);
  output_.reset();  // so that the pipe ends with the job's last process
  if (!make) {
    return make.error();
  }
  JobEnd end;
  watch(*make, begin + Millis(limits.wall_ms), end);
  end.wall_us = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - begin).count());
  endAllOthers(signals_, [&] { reap(*make, end); });
  const DiskUse disk = scratchUse();
  end.disk_bytes = disk.bytes;
  end.disk_inodes = disk.inodes;
  end.disk_full = disk.full;
  rusage used{};
  ::getrusage(RUSAGE_CHILDREN, &used);
  const auto micros = [](const timeval& time) {
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 +
           static_cast<std::uint64_t>(time.tv_usec);
  };
  end.user_us = micros(used.ru_utime);
  end.system_us = micros(used.ru_stime);
  return end;
}

void Init::watch(pid_t make, Deadline deadline, JobEnd& end) {
  std::array<pollfd, 3> watched{};
  watched[0] = {signals_.fd(), POLLIN, 0};
  watched[1] = {setup_.socket.get(), POLLIN, 0};
  while (!reap(make, end)) {
    watched[2] = {students_.socket(), POLLIN, 0};
    const auto left = std::chrono::ceil<Millis>(deadline - SteadyClock::now());
    if (left <= Millis(0)) {
      end.timed_out = true;
      return;
    }
    // poll(2) takes an int: a longer wait is cut into pieces.
    const auto wait_ms = std::min<std::int64_t>(left.count(), 1'000'000);
    if (::poll(watched.data(), watched.size(), static_cast<int>(wait_ms)) <= 0) {
      continue;
    }
    signals_.take();
    if (watched[2].revents != 0) {
      students_.accept([this](UniqueFd& connection) {
        return startInOwnNamespaces(student_setup_, student_inodes_, connection);
      });
    }
    if (watched[1].revents != 0) {
      const Result<std::optional<Message>> message = receiveMessage(setup_.socket.get());
      if (!message || !message->has_value()) {
        ::_exit(1);  // the service is gone: so is its job
      }
      end.stopped = (*message)->type == MessageType::kStop;
      if (end.stopped) {
        return;
      }
    }
  }
}

// Takes in every child that has ended; true when make was among them.
bool Init::reap(pid_t make, JobEnd& end) {
  bool ended = false;
  reapChildren([&](pid_t pid, int status) {
    students_.ended(pid);
    if (pid == make) {
      ended = true;
      end.exited = WIFEXITED(status);
      end.status = end.exited ? WEXITSTATUS(status) : WTERMSIG(status);
    }
  });
  return ended;
}

}  // namespace

void runInit(InitSetup setup) {
  ::prctl(PR_SET_DUMPABLE, 0);
  ::prctl(PR_SET_NAME, "tango-init");
  Init init(std::move(setup));
  if (const Result<void> prepared = init.prepare(); !prepared) {
    init.send(MessageType::kFailed, encode(prepared.error()));
    ::_exit(1);
  }
  // Last, since a change of ids, the file system's included, clears it (prctl(2)).
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  init.serve();
  ::_exit(0);
}

}  // namespace tango::sandbox
