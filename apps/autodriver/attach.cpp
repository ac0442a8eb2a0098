#include "autodriver/attach.hpp"

#include <array>
#include <optional>
#include <string>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "autodriver/keeper.hpp"
#include "autodriver/output_spool.hpp"
#include "autodriver/socket_place.hpp"
#include "autodriver/splice.hpp"
#include "autodriver/stand_by.hpp"
#include "autodriver/stop_signals.hpp"
#include "drive/messages.hpp"
#include "sandbox/parts/cgroup_files.hpp"

namespace tango::autodriver {
namespace {

using base::Error;
using base::ErrorKind;

constexpr int kSystemError = 3;
constexpr base::Millis kLockMax{60'000};

// Why the one before has ended, if it could still say so.
void tellLastWords(const SocketPlace& place) {
  writeAll(STDERR_FILENO, sandbox::readFileAt(AT_FDCWD, place.lastWordsFile().c_str()));
}

Result<UniqueFd> reach(const Options& options, const Caller& caller, const StopSignals& stop) {
  const Result<SocketPlace> place = SocketPlace::make(options.socket);
  if (!place) {
    return place.error();
  }
  const Result<UniqueFd> lock = place->lock(base::after(kLockMax));
  if (!lock) {
    return lock.error();
  }
  Result<std::optional<UniqueFd>> connected = place->connect();
  if (connected && !*connected) {
    tellLastWords(*place);
    if (const Result<void> started = startKeeper(options, caller, *place, stop); !started) {
      return started.error();
    }
    connected = place->connect();
  }
  if (!connected) {
    return connected.error();
  }
  if (!*connected) {
    return Error(ErrorKind::kSystem, "the autodriver that stands by has ended at once");
  }
  return **std::move(connected);
}

// One that stands by speaks first. Its end without a word is that of one that was dying when it was
// connected to.
bool endsWithoutAWord(int connection, const StopSignals& stop) {
  std::array<pollfd, 3> fds = {pollfd{connection, POLLIN, 0}, pollfd{stop.fd(), POLLIN, 0},
                               pollfd{STDIN_FILENO, POLLRDHUP, 0}};
  pollUntil(fds.data(), fds.size(), base::Deadline::max());
  char byte = 0;
  return fds[0].revents != 0 && ::recv(connection, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

Result<UniqueFd> reachLiving(const Options& options, const Caller& caller,
                             const StopSignals& stop) {
  constexpr int kAttempts = 3;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    Result<UniqueFd> connection = reach(options, caller, stop);
    if (!connection || !endsWithoutAWord(connection->get(), stop)) {
      return connection;
    }
  }
  return Error(ErrorKind::kSystem, "the autodriver that stands by ends at once");
}

int fail(const Error& error) {
  writeAll(STDOUT_FILENO, drive::encodeFailure(error));
  sayLastWord(error);
  return kSystemError;
}

}  // namespace

int attach(const Options& options, const Caller& caller) {
  if (const Result<void> taken = takeOver(std::nullopt); !taken) {
    return fail(taken.error());
  }
  const Result<StopSignals> stop = StopSignals::open();
  if (!stop) {
    return fail(stop.error());
  }
  const Result<UniqueFd> connection = reachLiving(options, caller, *stop);
  if (!connection) {
    return fail(connection.error());
  }
  static_cast<void>(joinStreams(STDIN_FILENO, STDOUT_FILENO, connection->get(), *stop));
  return 0;
}

}  // namespace tango::autodriver
