#include "api/v1/multipart.hpp"

namespace tango::api::v1 {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";
// RFC 2046 allows blanks behind a boundary, because gateways of its time added some.
constexpr std::size_t kPaddingMax = 16;

Error invalid(std::string_view what) {
  return {ErrorKind::kInvalid, "the form is no multipart/form-data: " + std::string(what)};
}

/// Whether `text` is a beginning of `whole`.
bool mayBecome(std::string_view text, std::string_view whole) {
  return text.size() < whole.size() && whole.starts_with(text);
}

}  // namespace

MultipartReader::MultipartReader(std::string_view boundary, MultipartBounds bounds)
    : delimiter_("\r\n--" + std::string(boundary)), bounds_(bounds) {}

void MultipartReader::feed(std::string_view bytes) {
  data_ = {};
  buffer_.erase(0, consumed_);
  consumed_ = 0;
  buffer_.append(bytes);
}

Result<MultipartReader::Event> MultipartReader::next() {
  data_ = {};
  for (;;) {
    const State before = state_;
    Result<Event> event = Event::kNeedMore;
    switch (state_) {
      case State::kStart:
        event = start();
        break;
      case State::kAfterBoundary:
        event = afterBoundary();
        break;
      case State::kHead:
        event = head();
        break;
      case State::kContent:
        event = content();
        break;
      case State::kAfterEnd:
        event = afterEnd();
        break;
    }
    if (!event || *event != Event::kNeedMore || state_ == before) {
      return event;
    }
  }
}

// The first boundary has no line before it, or an empty one.
Result<MultipartReader::Event> MultipartReader::start() {
  const std::string_view bare = std::string_view(delimiter_).substr(kLineEnd.size());
  for (const std::string_view wanted : {std::string_view(delimiter_), bare}) {
    if (rest().starts_with(wanted)) {
      consumed_ += wanted.size();
      state_ = State::kAfterBoundary;
      return Event::kNeedMore;
    }
  }
  if (!mayBecome(rest(), delimiter_) && !mayBecome(rest(), bare)) {
    return invalid("it does not begin with its boundary");
  }
  return Event::kNeedMore;
}

Result<MultipartReader::Event> MultipartReader::afterBoundary() {
  const std::string_view here = rest();
  if (here.starts_with("--")) {
    consumed_ += 2;
    state_ = State::kAfterEnd;
    return Event::kNeedMore;
  }
  const std::size_t padding = std::min(here.find_first_not_of(" \t"), here.size());
  if (padding > kPaddingMax) {
    return invalid("too many blanks behind a boundary");
  }
  const std::string_view behind = here.substr(padding);
  if (behind.starts_with(kLineEnd)) {
    if (++parts_ > bounds_.parts_max) {
      return Error(ErrorKind::kTooLarge,
                   "the form has more than " + std::to_string(bounds_.parts_max) + " parts");
    }
    consumed_ += padding + kLineEnd.size();
    state_ = State::kHead;
    return Event::kNeedMore;
  }
  const bool may_be_end = padding == 0 && mayBecome(here, "--");
  if (!may_be_end && !mayBecome(behind, kLineEnd)) {
    return invalid("a boundary is followed by something else");
  }
  return Event::kNeedMore;
}

Result<MultipartReader::Event> MultipartReader::head() {
  const std::size_t end = rest().find(kHeadEnd);
  const std::size_t bytes = end == std::string_view::npos ? rest().size() : end;
  // What may still become the head's end does not count.
  if (bytes > bounds_.head_bytes_max + (end == std::string_view::npos ? kHeadEnd.size() - 1 : 0)) {
    return Error(ErrorKind::kTooLarge,
                 "the head of a part is over " + std::to_string(bounds_.head_bytes_max) + " bytes");
  }
  if (end == std::string_view::npos) {
    return Event::kNeedMore;
  }
  Result<PartHead> parsed = parsePartHead(rest().substr(0, end));
  if (!parsed) {
    return parsed.error();
  }
  part_ = *std::move(parsed);
  consumed_ += end + kHeadEnd.size();
  state_ = State::kContent;
  return Event::kPart;
}

// All up to the next boundary; at the end of what was fed, what may be a boundary's beginning is
// kept back.
MultipartReader::Event MultipartReader::content() {
  const std::string_view here = rest();
  const std::size_t boundary = here.find(delimiter_);
  if (boundary == 0) {
    consumed_ += delimiter_.size();
    state_ = State::kAfterBoundary;
    return Event::kPartEnd;
  }
  const std::size_t kept_back = delimiter_.size() - 1;
  const std::size_t bytes = boundary != std::string_view::npos ? boundary
                            : here.size() > kept_back          ? here.size() - kept_back
                                                               : 0;
  if (bytes == 0) {
    return Event::kNeedMore;
  }
  data_ = here.substr(0, bytes);
  consumed_ += bytes;
  return Event::kData;
}

Result<MultipartReader::Event> MultipartReader::afterEnd() {
  if (rest() != kLineEnd && !mayBecome(rest(), kLineEnd)) {
    return invalid("something follows its end");
  }
  return Event::kNeedMore;
}

Result<void> MultipartReader::finish() const {
  if (state_ != State::kAfterEnd || rest() == "\r") {
    return invalid("it ends in the middle");
  }
  return {};
}

}  // namespace tango::api::v1
