#include "student/streams.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "base/write_all.hpp"

namespace tango::student {

void Streams::take(std::uint64_t number, base::UniqueFd end) {
  if (number >= ends_.size() || !end) {
    return;
  }
  ::fcntl(end.get(), F_SETFL, O_NONBLOCK);
  ends_.at(number) = std::move(end);
}

std::vector<pollfd> Streams::wanted() const {
  std::vector<pollfd> all;
  if (ends_[0] && input_begin_ == input_end_) {
    all.push_back({STDIN_FILENO, POLLIN, 0});
    all.push_back({ends_[0].get(), 0, 0});  // only that the command has closed it
  } else if (ends_[0]) {
    all.push_back({ends_[0].get(), POLLOUT, 0});
  }
  for (const std::size_t stream : {std::size_t{1}, std::size_t{2}}) {
    if (ends_.at(stream)) {
      all.push_back({ends_.at(stream).get(), POLLIN, 0});
    }
  }
  return all;
}

void Streams::move(const std::vector<pollfd>& ready) {
  for (const pollfd& one : ready) {
    if (one.revents == 0) {
      continue;
    }
    if (one.fd == STDIN_FILENO) {
      readInput();
    } else if (one.fd == ends_[0].get()) {
      writeInput();
    } else {
      passOn(one.fd == ends_[1].get() ? 1 : 2);
    }
  }
}

void Streams::readInput() {
  const ssize_t got = ::read(STDIN_FILENO, input_.data(), input_.size());
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
    return;
  }
  if (got <= 0) {
    ends_[0].reset();
    return;
  }
  input_begin_ = 0;
  input_end_ = static_cast<std::size_t>(got);
}

void Streams::writeInput() {
  const std::size_t size = input_end_ - input_begin_;
  if (size == 0) {
    ends_[0].reset();  // nobody reads it any more
    return;
  }
  const ssize_t put = ::write(ends_[0].get(), input_.data() + input_begin_, size);
  if (put >= 0) {
    input_begin_ += static_cast<std::size_t>(put);
  } else if (errno != EINTR && errno != EAGAIN) {
    ends_[0].reset();
  }
}

bool Streams::passOn(std::size_t stream) {
  static std::array<char, 64 * 1024> buffer;
  base::UniqueFd& end = ends_.at(stream);
  const ssize_t got = ::read(end.get(), buffer.data(), buffer.size());
  if (got < 0 && errno == EINTR) {
    return true;
  }
  if (got < 0 && errno == EAGAIN) {
    return false;
  }
  if (got <= 0) {
    end.reset();
    return false;
  }
  const auto size = static_cast<std::uint64_t>(got);
  const std::uint64_t passed = std::min(size, output_left_);
  output_full_ = output_full_ || passed < size;
  output_left_ -= passed;
  output_bytes_ += passed;
  const std::string_view bytes(buffer.data(), static_cast<std::size_t>(passed));
  if (!base::writeAll(static_cast<int>(stream), bytes)) {
    end.reset();  // as if the command itself wrote to somebody who has gone
    return false;
  }
  return true;
}

void Streams::drain() {
  for (const std::size_t stream : {std::size_t{1}, std::size_t{2}}) {
    while (ends_.at(stream) && passOn(stream)) {
    }
  }
}

}  // namespace tango::student
