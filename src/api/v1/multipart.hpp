// Reads multipart/form-data (RFC 7578) piece by piece, as it comes over a connection. Strict: what
// is not as the RFC has it is an error, never guessed at. Bounded: apart from the piece that was
// fed last, no more than one part's head is held. No I/O.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tango::api::v1 {

struct PartHead {
  std::string name;
  /// UTF-8; nothing: it has none, so it is a field and no file.
  std::optional<std::string> filename;
};

struct MultipartBounds {
  std::size_t head_bytes_max = 8 * 1024;  ///< of one part
  std::size_t parts_max = 1000;
};

class MultipartReader {
 public:
  /// What `next` found. Each part is kPart, any number of kData, kPartEnd.
  enum class Event { kNeedMore, kPart, kData, kPartEnd };

  /// `boundary` as boundaryOf gives it.
  explicit MultipartReader(std::string_view boundary, MultipartBounds bounds = {});

  /// The next bytes of the body; only at the beginning and after kNeedMore.
  void feed(std::string_view bytes);
  /// The next thing in what was fed. kInvalid, kTooLarge: the body is no good; nothing more is to
  /// be asked then.
  base::Result<Event> next();
  /// The body has ended, after kNeedMore. kInvalid: it should not have ended there.
  [[nodiscard]] base::Result<void> finish() const;

  /// Of the part that kPart began.
  [[nodiscard]] const PartHead& part() const { return part_; }
  /// Of the last kData; never empty, and valid until the next call of anything else.
  [[nodiscard]] std::string_view data() const { return data_; }

 private:
  enum class State { kStart, kAfterBoundary, kHead, kContent, kAfterEnd };

  base::Result<Event> start();
  base::Result<Event> afterBoundary();
  base::Result<Event> head();
  Event content();
  base::Result<Event> afterEnd();
  [[nodiscard]] std::string_view rest() const {
    return std::string_view(buffer_).substr(consumed_);
  }

  const std::string delimiter_;  ///< CRLF "--" boundary
  const MultipartBounds bounds_;
  State state_ = State::kStart;
  std::string buffer_;
  std::size_t consumed_ = 0;  ///< bytes of buffer_ that are done with
  std::size_t parts_ = 0;
  PartHead part_;
  std::string_view data_;
};

/// The type of a Content-Type header in lower case: "multipart/form-data".
[[nodiscard]] std::string mediaType(std::string_view content_type);

/// The parameter boundary of a Content-Type header. kInvalid: it has none, or one that RFC 2046
/// does not allow.
base::Result<std::string> boundaryOf(std::string_view content_type);

/// The head of a part: lines between CRLFs. kInvalid: see the head of this file.
base::Result<PartHead> parsePartHead(std::string_view lines);

}  // namespace tango::api::v1
