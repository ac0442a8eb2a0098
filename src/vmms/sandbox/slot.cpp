#include "vmms/sandbox/slot.hpp"

namespace tango::vmms {
namespace {

using base::Deadline;
using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using sandbox::Message;
using sandbox::MessageType;

Error unexpected(const char* doing) {
  return {ErrorKind::kSystem, std::string("an unexpected answer from the sandbox while ") + doing};
}

}  // namespace

Slot::Slot(const boost::asio::any_io_executor& executor, base::UniqueFd control,
           std::uint64_t processes, std::shared_ptr<const void> image_hold)
    : executor_(executor),
      control_(executor, std::move(control)),
      processes_(processes),
      image_hold_(std::move(image_hold)) {}

awaitable<Result<void>> Slot::prepared(Deadline deadline) {
  if (!job_) {
    Result<Message> made = co_await control_.receive(deadline);
    if (!made) {
      co_return made.error();
    }
    if (made->type != MessageType::kReady || !made->fd) {
      co_return unexpected("it was being prepared");
    }
    job_.emplace(executor_, std::move(made->fd));
  }
  if (!output_) {
    Result<Message> ready = co_await job_->receive(deadline);
    if (!ready) {
      co_return ready.error();
    }
    if (ready->type != MessageType::kReady || !ready->fd) {
      co_return unexpected("its first process was being prepared");
    }
    output_.emplace(executor_, std::move(ready->fd));
  }
  // It may have been ready for long, and died since.
  co_return job_->alive() ? Result<void>() : Error(ErrorKind::kSystem, "the sandbox died");
}

awaitable<Result<void>> Slot::copyFile(std::string name, bool executable, int file) {
  std::string header = sandbox::encode(sandbox::FileHeader{std::move(name), executable});
  Result<void> sent = co_await job_->send(MessageType::kFile, std::move(header), file);
  co_return sent;
}

awaitable<Result<void>> Slot::askFilesDone() {
  Result<void> asked = co_await job_->send(MessageType::kSync);
  co_return asked;
}

awaitable<Result<void>> Slot::filesDone(Deadline deadline) {
  const Result<Message> done = co_await job_->receive(deadline);
  co_return done ? Result<void>() : done.error();
}

awaitable<Result<void>> Slot::start(sandbox::JobLimits limits, Deadline deadline) {
  if (limits.processes != processes_) {
    Result<void> asked =
        co_await control_.send(MessageType::kProcesses, sandbox::encodeNumber(limits.processes));
    if (!asked) {
      co_return asked;
    }
    const Result<Message> limited = co_await control_.receive(deadline);
    if (!limited) {
      co_return limited.error();
    }
    processes_ = limits.processes;
  }
  Result<void> started = co_await job_->send(MessageType::kRun, sandbox::encode(limits));
  co_return started;
}

awaitable<Result<sandbox::JobEnd>> Slot::jobEnd(Deadline deadline) {
  Result<Message> message = co_await job_->receive(deadline);
  if (!message) {
    co_return message.error();
  }
  if (message->type != MessageType::kEnded) {
    co_return unexpected("a job ran");
  }
  co_return sandbox::decodeJobEnd(message->body);
}

awaitable<Result<void>> Slot::stop() {
  Result<void> sent = co_await job_->send(MessageType::kStop);
  co_return sent;
}

awaitable<Result<sandbox::CgroupUsage>> Slot::usage(Deadline deadline) {
  const Result<void> asked = co_await control_.send(MessageType::kAskUsage);
  if (!asked) {
    co_return asked.error();
  }
  Result<Message> answer = co_await control_.receive(deadline);
  if (!answer) {
    co_return answer.error();
  }
  if (answer->type != MessageType::kUsage) {
    co_return unexpected("its usage was asked for");
  }
  co_return sandbox::decodeCgroupUsage(answer->body);
}

void Slot::readOutput(std::function<void(std::string_view)> sink) {
  output_->read(std::move(sink));
}

awaitable<Result<void>> Slot::outputEnded(Deadline deadline) {
  Result<void> ended = co_await output_->ended(deadline);
  co_return ended;
}

void Slot::renew() {
  job_.reset();
  output_.reset();
  if (!control_.trySend(MessageType::kRenew)) {
    close();
  }
}

bool Slot::isRenewed() {
  return control_.hasMessage();
}

awaitable<Result<void>> Slot::end(Deadline deadline) {
  closeJob();
  control_.finishSending();
  for (;;) {
    const Result<Message> last = co_await control_.receive(deadline);
    if (!last) {
      const bool late = last.error().kind() == ErrorKind::kTimeout;
      co_return late ? Result<void>(last.error()) : Result<void>();
    }
  }
}

bool Slot::alive() {
  return control_.alive();
}

void Slot::close() {
  control_.close();
  closeJob();
}

// Closed, not destroyed: operations under way still hold them.
void Slot::closeJob() {
  if (job_) {
    job_->close();
  }
  if (output_) {
    output_->close();
  }
}

}  // namespace tango::vmms
