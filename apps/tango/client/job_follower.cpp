#include "tango/client/job_follower.hpp"

#include <algorithm>
#include <utility>

#include "base/head_tail.hpp"
#include "tango/client/answer_fields.hpp"
#include "tango/client/job_answer.hpp"

namespace tango::client {
namespace {

using base::Error;
using base::ErrorKind;
using boost::json::object;

constexpr std::chrono::seconds kWait{20};
constexpr std::chrono::milliseconds kBreath{250};
constexpr std::chrono::seconds kAgain{1};
constexpr std::chrono::seconds kAwayMax{120};

/// The job's own bytes of a piece of the published file: the head stands for what was printed
/// before.
std::string_view ownBytes(const OutputPiece& piece) {
  const std::string_view bytes = piece.bytes;
  return bytes.substr(std::min<std::size_t>(piece.head_bytes, bytes.size()));
}

}  // namespace

JobFollower::JobFollower(ApiClient& api, std::int64_t id)
    : api_(api), id_(id), heard_(base::SteadyClock::now()) {}

void JobFollower::clearLine() {
  if (line_shown_) {
    std::fputs("\r\x1b[K", stderr);
    line_shown_ = false;
  }
}

void JobFollower::sayWhereItWaits() {
  if (printed_ > 0 || !isTerminal(stderr)) {
    return;
  }
  const Result<object> job = api_.job(id_);
  if (!job) {
    return;
  }
  const auto rank = wholeOf(*job, "rank");
  std::string line = "job " + std::to_string(id_) + " is " + textOf(*job, "state");
  line += rank ? ", number " + std::to_string(*rank) + " in its queue" : "";
  std::fprintf(stderr, "\rtango: %s\x1b[K", onOneLine(line).c_str());
  line_shown_ = true;
}

Result<void> JobFollower::survive(const Error& error) {
  const bool passing = error.kind() == ErrorKind::kSystem || error.kind() == ErrorKind::kTimeout;
  if (!passing || base::SteadyClock::now() - heard_ > kAwayMax) {
    return error;
  }
  if (!std::exchange(lost_, true)) {
    clearLine();
    tell(error.message());
    tell("waiting for it; the job goes on");
  }
  return api_.http().pause(kAgain);
}

void JobFollower::printLive(const OutputPiece& piece) {
  if (piece.total < printed_) {
    clearLine();
    tell("the job is tried again: its output begins anew");
    printed_ = 0;
    return;
  }
  printer_.print(piece.bytes);
  printed_ += piece.bytes.size();
}

Result<void> JobFollower::printCutEnd() {
  const Result<OutputPiece> all = api_.output(id_, 0);
  if (!all) {
    return all.error();
  }
  const std::size_t cut = all->bytes.find(base::HeadTail::kElided);
  printer_.print(cut == std::string::npos ? ownBytes(*all)
                                          : std::string_view(all->bytes).substr(cut));
  return {};
}

// Where the middle of the output was cut out, what was shown live need not be what is in the file:
// its end is shown anew, because the last line is the score.
Result<void> JobFollower::printFinal(const OutputPiece& piece) {
  if (printed_ > 0) {
    const Result<object> job = patiently({});
    if (!job) {
      return job.error();
    }
    if (flagOf(objectOf(*job, "outcome"), "output_elided")) {
      return printCutEnd();
    }
  }
  printer_.print(ownBytes(piece));
  return {};
}

Result<bool> JobFollower::takeMore() {
  const base::Deadline asked = base::SteadyClock::now();
  Result<OutputPiece> piece = api_.output(id_, printed_, kWait);
  if (!piece) {
    // A job that was rejected, or whose output was forgotten, has none.
    if (piece.error().kind() == ErrorKind::kNotFound) {
      return true;
    }
    const Result<void> survived = survive(piece.error());
    return survived ? Result<bool>(false) : survived.error();
  }
  heard_ = base::SteadyClock::now();
  lost_ = false;
  if (!piece->bytes.empty() || piece->final) {
    clearLine();
  }
  if (piece->final) {
    const Result<void> printed = printFinal(*piece);
    return printed ? Result<bool>(true) : printed.error();
  }
  printLive(*piece);
  sayWhereItWaits();
  // A server that is about to stop answers at once.
  if (piece->bytes.empty() && base::SteadyClock::now() - asked < kBreath) {
    const Result<void> paused = api_.http().pause(kBreath);
    return paused ? Result<bool>(false) : paused.error();
  }
  return false;
}

Result<object> JobFollower::patiently(std::chrono::seconds wait) {
  for (;;) {
    Result<object> job = api_.job(id_, wait);
    if (job) {
      heard_ = base::SteadyClock::now();
      return job;
    }
    if (const Result<void> survived = survive(job.error()); !survived) {
      return survived.error();
    }
  }
}

Result<object> JobFollower::follow() {
  for (bool complete = false; !complete;) {
    sayWhereItWaits();
    const Result<bool> more = takeMore();
    if (!more) {
      clearLine();
      printer_.finish();
      return more.error();
    }
    complete = *more;
  }
  printer_.finish();
  for (;;) {
    Result<object> job = patiently(kWait);
    if (!job || hasEnded(*job)) {
      return job;
    }
    const Result<void> paused = api_.http().pause(kBreath);
    if (!paused) {
      return paused.error();
    }
  }
}

}  // namespace tango::client
