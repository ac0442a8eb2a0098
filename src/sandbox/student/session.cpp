#include "sandbox/student/session.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <string>

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "sandbox/parts/confined_process.hpp"
#include "sandbox/parts/credentials.hpp"
#include "sandbox/protocol.hpp"

namespace tango::sandbox {
namespace {

using base::Deadline;
using base::Error;
using base::ErrorKind;
using base::Millis;
using base::Result;
using base::SteadyClock;
using base::systemError;
using base::UniqueFd;

constexpr int kConnection = 3;
// How often memory and CPU time are looked at.
constexpr Millis kLook{20};
constexpr std::uint64_t kPageBytes = 4096;
constexpr std::uint64_t kLockedBytesMax = 64 * 1024;
constexpr const char* kDefaultPath = "/usr/local/bin:/usr/bin:/bin";
// Where the command has the grader's own id, RLIMIT_NPROC counts the grader's processes too.
constexpr std::uint64_t kGraderProcesses = 8;

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

class Session {
 public:
  Session(const StudentSetup& setup, StudentCell& cell) : setup_(setup), cell_(cell) {}
  void serve();

 private:
  Result<void> handle(const Message& message);
  Result<void> prepare(const Message& message);
  Result<Pipe> makePipe() const;
  Result<pid_t> start();
  [[nodiscard]] ConfinedProcess command() const;
  Result<void> run();
  void account(StudentEnd& end) const;
  void handBack() const;
  /// Until the command has ended, a limit was hit or the grader wants the end.
  void watch(pid_t command, StudentEnd& end);
  [[nodiscard]] bool overDisk() const;
  [[nodiscard]] StudentLimit limitHit(Deadline deadline);
  bool reap(pid_t command, StudentEnd& end) const;

  StudentSetup setup_;
  StudentCell& cell_;
  StudentRequest request_;
  bool prepared_ = false;
  std::uint64_t memory_peak_ = 0;
  ChildSignals signals_;
};

// The grader is gone if this fails, and so shall we be.
void send(MessageType type, std::string_view body = {}, int fd = -1) {
  if (!sendMessage(kConnection, type, body, fd)) {
    ::_exit(1);
  }
}

std::uint64_t given(std::uint64_t asked, std::uint64_t otherwise) {
  return asked != 0 ? asked : otherwise;
}

void Session::serve() {
  for (;;) {
    const Result<std::optional<Message>> message = receiveMessage(kConnection);
    if (message && !message->has_value()) {
      return;
    }
    const Result<void> handled = message ? handle(**message) : Result<void>(message.error());
    const bool run_asked = message && (*message)->type == MessageType::kRun;
    if (!handled) {
      // kNotFound and kInvalid would say that the command cannot be executed.
      const Error& error = handled.error();
      send(MessageType::kFailed,
           encode(run_asked ? error : Error(ErrorKind::kUnsupported, error.message())));
    }
    if (!handled || run_asked) {
      return;
    }
  }
}

Result<void> Session::handle(const Message& message) {
  if (prepared_ == (message.type == MessageType::kStudent)) {
    return Error(ErrorKind::kInvalid, "a message comes out of turn");
  }
  switch (message.type) {
    case MessageType::kStudent:
      return prepare(message);
    case MessageType::kFile:
      return cell_.giveFile(message.body, message.fd);
    case MessageType::kRun:
      return run();
    default:
      return Error(ErrorKind::kInvalid, "a message of an unknown kind");
  }
}

Result<void> Session::prepare(const Message& message) {
  Result<StudentRequest> request = decodeStudentRequest(message.body);
  if (!request) {
    return request.error();
  }
  request_ = *std::move(request);
  StudentLimits& limits = request_.limits;
  const StudentLimits& most = setup_.limits;
  limits.disk_bytes = std::min(given(limits.disk_bytes, most.disk_bytes), most.disk_bytes);
  limits.memory_bytes = given(limits.memory_bytes, most.memory_bytes);
  limits.processes = given(limits.processes, most.processes);
  limits.file_size_bytes = given(limits.file_size_bytes, most.file_size_bytes);
  limits.open_files = given(limits.open_files, most.open_files);
  Result<void> done = cell_.prepare(request_);
  prepared_ = done.ok();
  return done;
}

// The command's own, so that it may open /dev/stdout.
Result<Pipe> Session::makePipe() const {
  std::optional<FileRights> rights;
  if (setup_.two_ids) {
    rights.emplace(setup_.user);
  }
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return systemError(errno, "make a pipe");
  }
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

std::vector<std::string> candidates(const StudentRequest& request) {
  const std::string& name = request.arguments.front();
  if (name.find('/') != std::string::npos) {
    return {name};
  }
  std::string path = kDefaultPath;
  for (const std::string& variable : request.environment) {
    path = variable.starts_with("PATH=") ? variable.substr(5) : path;
  }
  std::vector<std::string> programs;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    if (end > begin) {
      programs.push_back(path.substr(begin, end - begin) + "/" + name);
    }
    begin = end + 1;
  }
  return programs;
}

ConfinedProcess Session::command() const {
  constexpr std::uint64_t kSecond = 1000;
  const StudentLimits& limits = request_.limits;
  ConfinedProcess process;
  process.user = setup_.user;
  process.folder = request_.folder;
  process.programs = candidates(request_);
  process.arguments = request_.arguments;
  process.environment = request_.environment;
  process.filter = setup_.filter;
  process.limits = {{RLIMIT_NPROC, limits.processes + (setup_.two_ids ? 0 : kGraderProcesses)},
                    {RLIMIT_FSIZE, limits.file_size_bytes},
                    {RLIMIT_NOFILE, limits.open_files},
                    {RLIMIT_CORE, 0},
                    {RLIMIT_MEMLOCK, kLockedBytesMax}};
  if (limits.memory_bytes != 0) {
    process.limits.push_back({RLIMIT_DATA, limits.memory_bytes});
  }
  if (limits.cpu_ms != 0) {
    process.limits.push_back({RLIMIT_CPU, limits.cpu_ms / kSecond + 1});
  }
  return process;
}

// Hands the grader its ends of the pipes and starts the command on the others.
Result<pid_t> Session::start() {
  std::vector<Pipe> pipes;
  const std::size_t wanted = request_.merge_output ? 2 : 3;
  while (pipes.size() < wanted) {
    Result<Pipe> pipe = makePipe();
    if (!pipe) {
      return pipe.error();
    }
    pipes.push_back(*std::move(pipe));
  }
  for (std::size_t i = 0; i < pipes.size(); ++i) {
    const int end = (i == 0 ? pipes[i].write : pipes[i].read).get();
    send(MessageType::kStream, encodeNumber(i), end);
  }
  ConfinedProcess process = command();
  process.standard = {pipes[0].read.get(), pipes[1].write.get(), pipes.back().write.get()};
  cell_.fit(process);
  return startConfined(process);
}

Result<void> Session::run() {
  Result<ChildSignals> signals = ChildSignals::open();
  if (!signals) {
    return signals.error();
  }
  signals_ = *std::move(signals);
  if (overDisk()) {
    return Error(ErrorKind::kTooLarge, "the files that the command gets do not fit on its disk");
  }
  const SteadyClock::time_point begin = SteadyClock::now();
  const Result<pid_t> command = start();
  if (!command) {
    return command.error();
  }
  send(MessageType::kReady);
  StudentEnd end;
  watch(*command, end);
  end.wall_us = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - begin).count());
  cell_.endAll(signals_, [&] { reap(*command, end); });
  account(end);
  handBack();
  send(MessageType::kEnded, encode(end));
  return {};
}

void Session::account(StudentEnd& end) const {
  rusage used{};
  ::getrusage(RUSAGE_CHILDREN, &used);
  const Consumption sum = cell_.consumption();
  end.user_us = sum.user_us;
  end.system_us = sum.system_us;
  constexpr std::uint64_t kKibibyte = 1024;
  end.memory_peak_bytes =
      std::max(memory_peak_, static_cast<std::uint64_t>(used.ru_maxrss) * kKibibyte);
  const DiskUse disk = cell_.diskUse();
  end.disk_bytes = disk.bytes;
  end.disk_full = disk.full;
  const std::uint64_t cpu_us = end.user_us + end.system_us;
  // The kernel may have ended the process that used it all before we looked.
  if (end.ended_by == StudentLimit::kNone && !end.exited && request_.limits.cpu_ms != 0 &&
      cpu_us >= request_.limits.cpu_ms * 1000) {
    end.ended_by = StudentLimit::kCpuTime;
  }
}

void Session::handBack() const {
  for (const std::string& path : request_.results) {
    const UniqueFd file = cell_.result(path);
    struct stat about{};
    if (file && ::fstat(file.get(), &about) == 0) {
      send(MessageType::kFile, encode(FileHeader{path, (about.st_mode & S_IXUSR) != 0}),
           file.get());
    }
  }
}

// Where a file system holds the limit, its room is rounded up to whole pages.
bool Session::overDisk() const {
  return cell_.diskUse().bytes >= request_.limits.disk_bytes + kPageBytes;
}

StudentLimit Session::limitHit(Deadline deadline) {
  if (SteadyClock::now() >= deadline) {
    return StudentLimit::kWallTime;
  }
  const Consumption sum = cell_.consumption();
  memory_peak_ = std::max(memory_peak_, sum.resident_bytes);
  const StudentLimits& limits = request_.limits;
  if (limits.memory_bytes != 0 && sum.resident_bytes > limits.memory_bytes) {
    return StudentLimit::kMemory;
  }
  if (limits.cpu_ms != 0 && sum.user_us + sum.system_us >= limits.cpu_ms * 1000) {
    return StudentLimit::kCpuTime;
  }
  return overDisk() ? StudentLimit::kDisk : StudentLimit::kNone;
}

void Session::watch(pid_t command, StudentEnd& end) {
  const std::uint64_t wall_ms = std::min<std::uint64_t>(request_.limits.wall_ms, 1'000'000'000'000);
  const Deadline deadline =
      wall_ms == 0 ? Deadline::max() : base::after(Millis(static_cast<std::int64_t>(wall_ms)));
  std::array<pollfd, 2> watched{};
  watched[0] = {signals_.fd(), POLLIN, 0};
  watched[1] = {kConnection, POLLIN, 0};
  while (!reap(command, end)) {
    end.ended_by = limitHit(deadline);
    if (end.ended_by != StudentLimit::kNone) {
      return;
    }
    const auto left = std::chrono::ceil<Millis>(deadline - SteadyClock::now());
    const auto wait_ms = static_cast<int>(std::clamp(left, Millis(0), kLook).count());
    if (::poll(watched.data(), watched.size(), wait_ms) <= 0) {
      continue;
    }
    signals_.take();
    if (watched[1].revents != 0) {
      const Result<std::optional<Message>> message = receiveMessage(kConnection);
      if (!message || !message->has_value()) {
        ::_exit(1);  // the grader is gone: so is its command
      }
      if ((*message)->type == MessageType::kStop) {
        end.ended_by = StudentLimit::kOutput;
        return;
      }
    }
  }
}

// Takes in every child that has ended; true when the command was among them.
bool Session::reap(pid_t command, StudentEnd& end) const {
  bool ended = false;
  reapChildren([&](pid_t pid, int status) {
    if (pid == command) {
      ended = true;
      end.exited = WIFEXITED(status);
      end.status = end.exited ? WEXITSTATUS(status) : WTERMSIG(status);
    }
  });
  return ended;
}

}  // namespace

void runStudentSession(const StudentSetup& setup, StudentCell& cell, UniqueFd connection) {
  ::prctl(PR_SET_DUMPABLE, 0);
  ::prctl(PR_SET_NAME, "tango-student");
  if (connection.get() != kConnection && ::dup2(connection.get(), kConnection) < 0) {
    ::_exit(1);
  }
  ::fcntl(kConnection, F_SETFD, FD_CLOEXEC);
  static_cast<void>(connection.release());
  if (::close_range(kConnection + 1, ~0U, 0) != 0 || ::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
    ::_exit(1);
  }
  ::umask(0);
  Session(setup, cell).serve();
  ::_exit(0);
}

}  // namespace tango::sandbox
