#include "vmms/ssh/ssh.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/steady_timer.hpp>

#include "async/event.hpp"
#include "base/hex.hpp"
#include "base/unique_fd.hpp"
#include "vmms/ssh/last_words.hpp"
#include "vmms/ssh/ssh_arguments.hpp"
#include "vmms/ssh/ssh_process.hpp"

namespace tango::vmms::ssh {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::systemError;
using base::UniqueFd;
using boost::asio::awaitable;
using boost::asio::steady_timer;
using boost::system::error_code;

/// sshd's MaxSessions is ten if nobody has set it; beyond it, ssh makes a connection for one
/// command alone.
constexpr std::size_t kCommandsPerMaster = 8;
/// Between two looks at whether the master's socket is there.
constexpr base::Millis kLookEvery{10};
/// For ssh to take what was written before the socket was closed.
constexpr base::Millis kFarewell{2'000};
constexpr std::size_t kSocketNameBytes = 6;

/// The ssh that holds a connection.
struct Master {
  explicit Master(const boost::asio::any_io_executor& executor) : look(executor) {}

  enum class Phase { kStarting, kReady, kEnded };
  Phase phase = Phase::kStarting;
  std::optional<Error> failure;  ///< kEnded
  std::string socket;
  base::Deadline until;
  steady_timer look;
  std::size_t commands = 0;  ///< that use it or wait for it
  std::unique_ptr<SshProcess> process;
};
using MasterPtr = std::shared_ptr<Master>;

/// One command's place on its master.
class Seat {
 public:
  explicit Seat(MasterPtr master) : master_(std::move(master)) { ++master_->commands; }
  Seat(Seat&&) = default;
  Seat& operator=(Seat&&) = delete;
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;
  ~Seat() {
    if (master_) {
      --master_->commands;
    }
  }
  [[nodiscard]] const Master& master() const { return *master_; }

 private:
  MasterPtr master_;
};

struct Command {
  Command(LocalSocket its_end, const boost::asio::any_io_executor& executor, Seat place)
      : end(std::move(its_end)), farewell(executor), seat(std::move(place)) {}

  /// The end that ssh has too: it hangs up when whoever has the other one closes it.
  LocalSocket end;
  steady_timer farewell;
  Seat seat;
  std::unique_ptr<SshProcess> process;
};

Result<std::pair<UniqueFd, UniqueFd>> socketPair() {
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) {
    return systemError(errno, "make a pair of sockets");
  }
  return std::pair(UniqueFd(pair[0]), UniqueFd(pair[1]));
}

LocalSocket asSocket(const boost::asio::any_io_executor& executor, UniqueFd fd) {
  return {executor, boost::asio::local::stream_protocol(), fd.release()};
}

Result<void> checkCommand(const std::string& command) {
  if (command.empty() || command.find('\0') != std::string::npos) {
    return Error(ErrorKind::kInvalid, "the command for ssh is empty or has a zero byte in it");
  }
  return {};
}

}  // namespace

// What asio calls later has it weakly: it ends with its SshConnection and the calls under way.
struct SshConnection::State : std::enable_shared_from_this<State> {
  State(boost::asio::any_io_executor its_executor, SshTarget its_target,
        std::filesystem::path folder, SshPatience its_patience)
      : executor(std::move(its_executor)),
        target(std::move(its_target)),
        control_folder(std::move(folder)),
        patience(its_patience),
        changed_(executor) {}

  static awaitable<Result<LocalSocket>> open(std::shared_ptr<State> self, std::string command);
  void close();
  void listen();

 private:
  Result<MasterPtr> masterWithRoom();
  Result<MasterPtr> startMaster();
  Result<std::string> freshSocket() const;
  void lookForSocket(const MasterPtr& master);
  void endMaster(const MasterPtr& master, Error why);
  Error failedStart(ErrorKind kind);
  Result<LocalSocket> startCommand(Seat seat, const std::string& command);
  void watchForFarewell(std::uint64_t id);
  void bidFarewell(std::uint64_t id);
  void endCommand(std::uint64_t id);
  void dropIdleMasters();

 public:
  const boost::asio::any_io_executor executor;
  const SshTarget target;
  const std::filesystem::path control_folder;
  const SshPatience patience;
  const std::shared_ptr<LastWords> words = std::make_shared<LastWords>();

 private:
  async::Signal changed_;
  bool closed_ = false;
  std::vector<MasterPtr> masters_;
  std::uint64_t commands_ = 0;
  std::map<std::uint64_t, Command> running_;
};

awaitable<Result<LocalSocket>> SshConnection::State::open(std::shared_ptr<State> self,
                                                          std::string command) {
  for (const Result<void>& good : {checkTarget(self->target), checkCommand(command)}) {
    if (!good) {
      co_return good.error();
    }
  }
  const Error cancelled(ErrorKind::kCancelled, "the ssh connection was given up");
  if (self->closed_) {
    co_return cancelled;
  }
  const Result<MasterPtr> master = self->masterWithRoom();
  if (!master) {
    co_return master.error();
  }
  Seat seat(*master);
  while (seat.master().phase == Master::Phase::kStarting) {
    co_await self->changed_.next();
  }
  if (self->closed_) {
    co_return cancelled;
  }
  if (seat.master().phase == Master::Phase::kEnded) {
    co_return *seat.master().failure;
  }
  co_return self->startCommand(std::move(seat), command);
}

void SshConnection::State::close() {
  closed_ = true;
  for (auto& [id, command] : running_) {
    command.process->kill();
  }
  for (const MasterPtr& each : masters_) {
    each->process->kill();
  }
  running_.clear();
  while (!masters_.empty()) {
    endMaster(MasterPtr(masters_.back()), Error(ErrorKind::kCancelled, "the end"));
  }
}

void SshConnection::State::listen() {
  for (const MasterPtr& each : masters_) {
    each->process->listen();
  }
  for (auto& [id, command] : running_) {
    command.process->listen();
  }
}

// One that is ready before one that is not.
Result<MasterPtr> SshConnection::State::masterWithRoom() {
  MasterPtr best;
  for (const MasterPtr& each : masters_) {
    if (each->commands < kCommandsPerMaster && (!best || each->phase == Master::Phase::kReady)) {
      best = each;
    }
  }
  if (best) {
    return best;
  }
  return startMaster();
}

Result<std::string> SshConnection::State::freshSocket() const {
  const Result<std::string> name = base::randomHex(kSocketNameBytes);
  if (!name) {
    return name.error();
  }
  std::string socket = control_folder / *name;
  // ssh would replace what stands for something else there (ssh_config(5), TOKENS).
  if (socket.size() > kSocketPathMax || socket.find_first_of("%$~") != std::string::npos) {
    return Error(ErrorKind::kInvalid, "the folder for ssh's sockets, " + control_folder.string() +
                                          ", is too long or has one of %$~ in it");
  }
  return socket;
}

Result<MasterPtr> SshConnection::State::startMaster() {
  Result<std::string> socket = freshSocket();
  if (!socket) {
    return socket.error();
  }
  if (masters_.empty()) {
    words->clear();
  }
  auto master = std::make_shared<Master>(executor);
  master->socket = *std::move(socket);
  master->until = base::after(patience.start);
  Result<std::unique_ptr<SshProcess>> process = SshProcess::start(
      executor, masterArguments(target, patience, master->socket), {}, words,
      [weak = weak_from_this(), ending = std::weak_ptr(master)] {
        const auto self = weak.lock();
        const MasterPtr ended = ending.lock();
        if (self && ended) {
          const bool ready = ended->phase == Master::Phase::kReady;
          self->endMaster(ended, ready ? Error(ErrorKind::kSystem, "the ssh connection ended")
                                       : self->failedStart(ErrorKind::kSystem));
        }
      });
  if (!process) {
    return process.error();
  }
  master->process = *std::move(process);
  masters_.push_back(master);
  lookForSocket(master);
  return master;
}

// ssh makes the socket once it is let in and listens there. Nothing tells of it.
void SshConnection::State::lookForSocket(const MasterPtr& master) {
  if (::access(master->socket.c_str(), F_OK) == 0) {
    master->phase = Master::Phase::kReady;
    master->process->listen();
    words->clear();
    changed_.notifyAll();
    return;
  }
  if (base::SteadyClock::now() >= master->until) {
    endMaster(master, failedStart(ErrorKind::kTimeout));
    return;
  }
  master->look.expires_after(kLookEvery);
  master->look.async_wait(
      [weak = weak_from_this(), looking = std::weak_ptr(master)](const error_code&) {
        const auto self = weak.lock();
        const MasterPtr starting = looking.lock();
        if (self && starting && starting->phase == Master::Phase::kStarting) {
          self->lookForSocket(starting);
        }
      });
}

// The words go with the error, and are not told again.
Error SshConnection::State::failedStart(ErrorKind kind) {
  listen();
  std::string message = "ssh to " + target.host + ": ";
  const std::string said = words->text();
  words->clear();
  if (!said.empty()) {
    message += said;
  } else {
    message += kind == ErrorKind::kTimeout ? "no connection in time" : "it ended without a word";
  }
  if (said.find("Host key verification failed") != std::string::npos) {
    message += " The host's key must be among the known hosts: connect once by hand, or add it.";
  }
  return {kind, std::move(message)};
}

void SshConnection::State::endMaster(const MasterPtr& master, Error why) {
  master->phase = Master::Phase::kEnded;
  master->failure = std::move(why);
  master->look.cancel();
  master->process.reset();
  ::unlink(master->socket.c_str());
  std::erase(masters_, master);
  changed_.notifyAll();
}

Result<LocalSocket> SshConnection::State::startCommand(Seat seat, const std::string& command) {
  Result<std::pair<UniqueFd, UniqueFd>> pair = socketPair();
  if (!pair) {
    return pair.error();
  }
  const std::uint64_t id = ++commands_;
  const int theirs = pair->second.get();
  const std::string socket = seat.master().socket;
  Command& started =
      running_
          .try_emplace(id, asSocket(executor, std::move(pair->second)), executor, std::move(seat))
          .first->second;
  Result<std::unique_ptr<SshProcess>> process =
      SshProcess::start(executor, commandArguments(target, patience, socket, command),
                        {theirs, theirs}, words, [weak = weak_from_this(), id] {
                          if (const auto self = weak.lock()) {
                            self->endCommand(id);
                          }
                        });
  if (!process) {
    running_.erase(id);
    return process.error();
  }
  started.process = *std::move(process);
  watchForFarewell(id);
  return asSocket(executor, std::move(pair->first));
}

// A command there may well not care that nobody reads it any more, and would stay for as long as it
// likes.
void SshConnection::State::watchForFarewell(std::uint64_t id) {
  Command& command = running_.at(id);
  command.end.async_wait(LocalSocket::wait_error,
                         [weak = weak_from_this(), id](const error_code& failure) {
                           if (const auto self = weak.lock(); self && !failure) {
                             self->bidFarewell(id);
                           }
                         });
}

void SshConnection::State::bidFarewell(std::uint64_t id) {
  const auto found = running_.find(id);
  if (found == running_.end()) {
    return;
  }
  steady_timer& farewell = found->second.farewell;
  farewell.expires_after(kFarewell);
  farewell.async_wait([weak = weak_from_this(), id](const error_code& cancelled) {
    if (const auto self = weak.lock(); self && !cancelled) {
      self->endCommand(id);
    }
  });
}

void SshConnection::State::endCommand(std::uint64_t id) {
  running_.erase(id);
  dropIdleMasters();
}

// The last one stays, for the next command.
void SshConnection::State::dropIdleMasters() {
  for (std::size_t at = masters_.size(); at-- > 0 && masters_.size() > 1;) {
    if (masters_[at]->phase == Master::Phase::kReady && masters_[at]->commands == 0) {
      endMaster(MasterPtr(masters_[at]), Error(ErrorKind::kSystem, "it was idle"));
    }
  }
}

SshConnection::SshConnection(boost::asio::any_io_executor executor, SshTarget target,
                             std::filesystem::path control_folder, SshPatience patience)
    : state_(std::make_shared<State>(std::move(executor), std::move(target),
                                     std::move(control_folder), patience)) {}

SshConnection::~SshConnection() {
  state_->close();
}

boost::asio::awaitable<Result<LocalSocket>> SshConnection::open(std::string command) {
  return State::open(state_, std::move(command));
}

std::string SshConnection::lastWords() const {
  state_->listen();
  return state_->words->text();
}

}  // namespace tango::vmms::ssh
