#include "vmms/driven/drive_session.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>

#include "async/within.hpp"
#include "base/write_all.hpp"
#include "drive/report_reader.hpp"
#include "drive/tree_stream.hpp"

namespace tango::vmms::driven {
namespace {

using base::Deadline;
using base::Error;
using base::ErrorKind;
using drive::Ask;
using drive::Request;
using drive::Tell;
using model::RunOutcome;

template <class Plain>
std::string bytesOf(const Plain& plain) {
  return {reinterpret_cast<const char*>(&plain), sizeof plain};
}

Error unexpected(Tell tell) {
  return {ErrorKind::kSystem,
          std::string("autodriver sent a reply out of order: '") + static_cast<char>(tell) + "'"};
}

Result<std::size_t> readPiece(int fd, std::string& room) {
  for (;;) {
    const ssize_t got = ::read(fd, room.data(), room.size());
    if (got >= 0) {
      return static_cast<std::size_t>(got);
    }
    if (errno != EINTR) {
      return base::systemError(errno, "read a file of the job");
    }
  }
}

drive::RecordHead fileHead(const DrivenFile& file) {
  struct stat about{};
  drive::RecordHead head;
  head.kind = drive::RecordKind::kFile;
  head.mode = file.executable ? 0755 : 0644;
  if (::fstat(file.file.get(), &about) == 0) {
    head.mtime_s = about.st_mtim.tv_sec;
    head.mtime_ns = static_cast<std::uint32_t>(about.st_mtim.tv_nsec);
  }
  return head;
}

}  // namespace

DriveSession::DriveSession(const boost::asio::any_io_executor& executor,
                           std::unique_ptr<async::ByteStream> stream)
    : stream_(std::move(stream)), written_(executor), streamed_(executor) {}

void DriveSession::close() {
  stream_->close();
}

// One write at a time, whoever it is of. The flag falls on every way out, a cancelled one included.
class DriveSession::Writing {
 public:
  explicit Writing(DriveSession& session) : session_(session) { session_.writing_ = true; }
  Writing(const Writing&) = delete;
  Writing& operator=(const Writing&) = delete;
  ~Writing() {
    session_.writing_ = false;
    session_.written_.notifyAll();
  }

 private:
  DriveSession& session_;
};

awaitable<Result<void>> DriveSession::send(std::string bytes) {
  while (writing_) {
    co_await written_.next();
  }
  const Writing writing(*this);
  Result<void> sent = co_await stream_->write(bytes);
  co_return sent;
}

awaitable<Result<void>> DriveSession::ask(Request request) {
  return send(bytesOf(request));
}

awaitable<Result<void>> DriveSession::beat() {
  if (writing_ || streaming_) {
    co_return Result<void>();
  }
  Result<void> sent = co_await ask(Request{});
  co_return sent;
}

awaitable<Result<void>> DriveSession::readExactly(char* room, std::size_t size) {
  while (size > 0) {
    if (begin_ == end_) {
      const Result<std::size_t> got = co_await stream_->readSome(buffer_.data(), buffer_.size());
      if (!got) {
        co_return got.error();
      }
      if (*got == 0) {
        co_return Error(ErrorKind::kSystem, "the VM has ended");
      }
      begin_ = 0;
      end_ = *got;
    }
    const std::size_t taken = std::min(size, end_ - begin_);
    std::memcpy(room, buffer_.data() + begin_, taken);
    begin_ += taken;
    room += taken;
    size -= taken;
  }
  co_return Result<void>();
}

awaitable<Result<DriveSession::Reply>> DriveSession::reply() {
  drive::ReplyHead head;
  const Result<void> begun = co_await readExactly(reinterpret_cast<char*>(&head), sizeof head);
  if (!begun) {
    co_return begun.error();
  }
  if (head.size > drive::kPayloadMax) {
    co_return Error(ErrorKind::kSystem, "autodriver sent a reply that is too large");
  }
  Reply reply{head.tell, std::string(head.size, '\0')};
  const Result<void> read = co_await readExactly(reply.payload.data(), reply.payload.size());
  if (!read) {
    co_return read.error();
  }
  if (reply.tell == Tell::kFailed) {
    co_return drive::decodeFailure(reply.payload);
  }
  co_return reply;
}

awaitable<Result<void>> DriveSession::done() {
  const Result<Reply> answer = co_await reply();
  if (!answer) {
    co_return answer.error();
  }
  co_return answer->tell == Tell::kDone ? Result<void>() : unexpected(answer->tell);
}

awaitable<Result<void>> DriveSession::awaitReady() {
  const Result<Reply> answer = co_await reply();
  if (!answer) {
    co_return answer.error();
  }
  if (answer->tell != Tell::kReady) {
    co_return unexpected(answer->tell);
  }
  if (answer->payload != bytesOf(drive::kProtocol)) {
    co_return Error(ErrorKind::kUnsupported, "autodriver speaks another protocol");
  }
  co_return Result<void>();
}

awaitable<Result<void>> DriveSession::ready(Deadline deadline) {
  Result<void> up = co_await async::within(deadline, awaitReady(), "it was not ready in time");
  co_return up;
}

// One file; false: it is of no use to go on, and the answer will say why.
awaitable<bool> DriveSession::streamFile(const DrivenFile& file) {
  std::string out;
  drive::appendRecord(out, fileHead(file), file.name, "");
  std::string piece;
  for (;;) {
    piece.resize(drive::kChunkBytes);
    const Result<std::size_t> got = readPiece(file.file.get(), piece);
    if (!got) {
      // Our own trouble; autodriver must not wait for the rest, and tells it back.
      drive::RecordHead failed;
      failed.kind = drive::RecordKind::kFailed;
      std::string end;
      drive::appendRecord(end, failed, "", got.error().message());
      static_cast<void>(co_await send(std::move(end)));
      co_return false;
    }
    drive::appendChunk(out, std::string_view(piece).substr(0, *got));
    if (*got == 0 || out.size() >= drive::kChunkBytes) {
      const Result<void> sent = co_await send(std::exchange(out, {}));
      if (!sent || *got == 0) {
        co_return sent.ok();
      }
    }
  }
}

awaitable<void> DriveSession::stream(std::vector<DrivenFile> files) {
  for (const DrivenFile& file : files) {
    const bool sent = co_await streamFile(file);
    if (!sent) {
      co_return;
    }
  }
  std::string end;
  drive::appendRecord(end, drive::RecordHead{}, "", "");
  static_cast<void>(co_await send(std::move(end)));
  streamed_.set();
}

awaitable<Result<void>> DriveSession::answeredWhenStreamed() {
  Result<void> taken = co_await done();
  if (taken) {
    co_await streamed_.wait();
  }
  co_return taken;
}

// Autodriver may refuse the files before it has taken them all: its answer ends the sending.
awaitable<Result<void>> DriveSession::transfer(std::vector<DrivenFile> files) {
  using namespace boost::asio::experimental::awaitable_operators;
  Request request;
  request.ask = Ask::kFiles;
  const Result<void> asked = co_await ask(request);
  if (!asked) {
    co_return asked.error();
  }
  async::Event never(co_await boost::asio::this_coro::executor);
  streaming_ = true;
  auto first = co_await (answeredWhenStreamed() || (stream(std::move(files)) && never.wait()));
  streaming_ = false;
  co_return std::get<0>(std::move(first));
}

awaitable<Result<void>> DriveSession::sendFiles(std::vector<DrivenFile> files, Deadline deadline) {
  Result<void> sent = co_await async::within(deadline, transfer(std::move(files)),
                                             "the files were not taken in time");
  co_return sent;
}

awaitable<Result<RunOutcome>> DriveSession::runToEnd(model::RunLimits limits, Listener live) {
  const Result<void> asked = co_await ask(drive::runRequest(limits));
  if (!asked) {
    co_return asked.error();
  }
  for (;;) {
    const Result<Reply> answer = co_await reply();
    if (!answer) {
      co_return answer.error();
    }
    if (answer->tell == Tell::kOutcome) {
      co_return drive::parseReport(answer->payload);
    }
    if (answer->tell != Tell::kLive) {
      co_return unexpected(answer->tell);
    }
    const Result<drive::LiveOutput> piece = drive::decodeLive(answer->payload);
    if (!piece) {
      co_return piece.error();
    }
    live(piece->offset, piece->bytes);
  }
}

awaitable<Result<RunOutcome>> DriveSession::run(model::RunLimits limits, Listener live,
                                                Deadline deadline) {
  Result<RunOutcome> outcome = co_await async::within(
      deadline, runToEnd(limits, std::move(live)), "autodriver did not tell the job's end in time");
  co_return outcome;
}

awaitable<Result<void>> DriveSession::copyText(int fd, std::uint64_t bytes_max) {
  Request request;
  request.ask = Ask::kOutput;
  const Result<void> asked = co_await ask(request);
  if (!asked) {
    co_return asked.error();
  }
  for (;;) {
    const Result<Reply> answer = co_await reply();
    if (!answer) {
      co_return answer.error();
    }
    if (answer->tell == Tell::kDone) {
      co_return Result<void>();
    }
    if (answer->tell != Tell::kText) {
      co_return unexpected(answer->tell);
    }
    if (answer->payload.size() > bytes_max) {
      co_return Error(ErrorKind::kSystem, "autodriver sent more output than its limit");
    }
    bytes_max -= answer->payload.size();
    const Result<void> written = base::writeAll(fd, answer->payload);
    if (!written) {
      co_return written.error();
    }
  }
}

awaitable<Result<void>> DriveSession::output(int fd, std::uint64_t bytes_max, Deadline deadline) {
  Result<void> copied =
      co_await async::within(deadline, copyText(fd, bytes_max), "the output was not sent in time");
  co_return copied;
}

}  // namespace tango::vmms::driven
