#include "autodriver/live_preview.hpp"

#include <algorithm>

#include "drive/messages.hpp"

namespace tango::autodriver {

using base::Deadline;
using drive::kLiveHead;
using drive::kLivePiece;

void LivePreview::append(std::string_view bytes) {
  const std::uint64_t room = kLiveHead - std::min(total_, kLiveHead);
  total_ += bytes.size();
  head_.append(bytes.substr(0, room));
  bytes.remove_prefix(std::min<std::size_t>(room, bytes.size()));
  if (bytes.size() >= kLivePiece) {
    tail_.assign(bytes.substr(bytes.size() - kLivePiece));
    return;
  }
  tail_.append(bytes);
  if (tail_.size() > 2 * kLivePiece) {
    tail_.erase(0, tail_.size() - kLivePiece);
  }
}

std::string LivePreview::next(Deadline now) {
  if (!headTold()) {
    const std::string_view piece = std::string_view(head_).substr(told_, kLivePiece);
    std::string reply = drive::encodeLive(told_, piece);
    told_ += piece.size();
    return reply;
  }
  if (told_ == total_ || now < tail_due_) {
    return "";
  }
  const std::size_t size = std::min<std::uint64_t>(total_ - told_, kLivePiece);
  std::string reply =
      drive::encodeLive(total_ - size, std::string_view(tail_).substr(tail_.size() - size));
  told_ = total_;
  tail_due_ = now + base::Millis(drive::kLiveEveryMs);
  return reply;
}

Deadline LivePreview::due() const {
  if (!headTold()) {
    return Deadline::min();
  }
  return told_ == total_ ? Deadline::max() : tail_due_;
}

}  // namespace tango::autodriver
