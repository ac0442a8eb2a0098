#include "vmms/sandbox/output_pipe.hpp"

#include <array>
#include <cstddef>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "async/event.hpp"
#include "async/io_deadline.hpp"

namespace tango::vmms {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;

struct OutputPipe::Reading : std::enable_shared_from_this<Reading> {
  Reading(const boost::asio::any_io_executor& executor, base::UniqueFd from)
      : pipe(executor, from.release()), over(executor), deadline(executor, [this] { over.set(); }) {
    pipe.non_blocking(true);
  }

  void next() {
    pipe.async_read_some(
        boost::asio::buffer(piece),
        [self = shared_from_this()](const boost::system::error_code& failure, std::size_t bytes) {
          self->took(failure, bytes);
        });
  }

  void took(const boost::system::error_code& failure, std::size_t bytes) {
    if (!failure) {
      sink(std::string_view(piece.data(), bytes));
      next();
      return;
    }
    complete = failure == boost::asio::error::eof;
    over.set();
  }

  boost::asio::posix::stream_descriptor pipe;
  std::array<char, 16 * 1024> piece{};
  std::function<void(std::string_view)> sink;
  bool complete = false;
  async::Event over;  ///< nothing more comes, or nobody waits for it any more
  async::IoDeadline deadline;
};

OutputPipe::OutputPipe(const boost::asio::any_io_executor& executor, base::UniqueFd pipe)
    : reading_(std::make_shared<Reading>(executor, std::move(pipe))) {}

OutputPipe::~OutputPipe() {
  close();
}

void OutputPipe::read(std::function<void(std::string_view)> sink) {
  reading_->sink = std::move(sink);
  reading_->next();
}

awaitable<Result<void>> OutputPipe::ended(base::Deadline deadline) {
  const std::shared_ptr<Reading> reading = reading_;
  reading->deadline.setAt(deadline);
  co_await reading->over.wait();
  if (reading->complete) {
    reading->deadline.clear();
    co_return Result<void>();
  }
  co_return reading->deadline.passed()
      ? Error(ErrorKind::kTimeout, "the job's output did not end")
      : Error(ErrorKind::kCancelled, "the job's output was given up");
}

void OutputPipe::close() {
  boost::system::error_code ignored;
  reading_->pipe.close(ignored);
  reading_->over.set();
}

}  // namespace tango::vmms
