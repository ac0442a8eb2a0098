#include "autodriver/live_preview.hpp"

#include <string>

#include <doctest/doctest.h>

#include "drive/messages.hpp"

namespace tango::autodriver {
namespace {

using base::Deadline;
using base::Millis;
using drive::kLiveHead;
using drive::kLivePiece;

// Where a kLive reply says that its bytes stand, and they themselves.
std::pair<std::uint64_t, std::string> piece(const std::string& reply) {
  const auto live = drive::decodeLive(std::string_view(reply).substr(sizeof(drive::ReplyHead)));
  REQUIRE(live.ok());
  return {live->offset, std::string(live->bytes)};
}

using Piece = std::pair<std::uint64_t, std::string>;

TEST_CASE("the beginning is due at once, in pieces") {
  LivePreview preview;
  const Deadline now = base::after(Millis(0));
  CHECK(preview.next(now).empty());
  CHECK(preview.due() == Deadline::max());
  preview.append("ab");
  preview.append("c");
  CHECK(preview.due() == Deadline::min());
  CHECK(!preview.headTold());
  CHECK(piece(preview.next(now)) == Piece(0, "abc"));
  CHECK(preview.headTold());
  CHECK(preview.due() == Deadline::max());
  const std::string large(kLivePiece + 1, 'x');
  preview.append(large);
  CHECK(piece(preview.next(now)) == Piece(3, large.substr(1)));
  CHECK(piece(preview.next(now)) == Piece(3 + kLivePiece, "x"));
  CHECK(preview.next(now).empty());
}

TEST_CASE("beyond the beginning the newest is due now and then") {
  LivePreview preview;
  const Deadline begin = base::after(Millis(0));
  preview.append(std::string(kLiveHead, 'h') + "12");
  for (std::uint64_t told = 0; told < kLiveHead; told += kLivePiece) {
    CHECK(piece(preview.next(begin)) == Piece(told, std::string(kLivePiece, 'h')));
  }
  CHECK(piece(preview.next(begin)) == Piece(kLiveHead, "12"));
  preview.append("34");
  CHECK(preview.next(begin + Millis(drive::kLiveEveryMs - 1)).empty());
  CHECK(preview.due() == begin + Millis(drive::kLiveEveryMs));
  preview.append("5");
  CHECK(piece(preview.next(preview.due())) == Piece(kLiveHead + 2, "345"));
  CHECK(preview.due() == Deadline::max());
}

TEST_CASE("of what is too much only the end is told, however it came") {
  for (const std::size_t at_once :
       {std::size_t{1000}, std::size_t{kLivePiece}, std::size_t{5 * kLivePiece + 7}}) {
    LivePreview preview;
    std::string all(kLiveHead, 'h');
    preview.append(all);
    const Deadline now = base::after(Millis(0));
    while (!preview.headTold()) {
      CHECK(!preview.next(now).empty());
    }
    for (char letter = 'a'; letter <= 'z'; ++letter) {
      for (std::size_t left = 2 * kLivePiece; left > 0;) {
        const std::string bytes(std::min(left, at_once), letter);
        preview.append(bytes);
        all += bytes;
        left -= bytes.size();
      }
    }
    CHECK(piece(preview.next(now)) ==
          Piece(all.size() - kLivePiece, all.substr(all.size() - kLivePiece)));
    CHECK(preview.next(now + Millis(1000)).empty());
  }
}

TEST_CASE("it is told again from the beginning, and then the newest") {
  LivePreview preview;
  const Deadline now = base::after(Millis(0));
  preview.append(std::string(kLiveHead, 'h') + "12");
  while (!preview.next(now).empty()) {
  }
  preview.restart();
  CHECK(preview.due() == Deadline::min());
  for (std::uint64_t told = 0; told < kLiveHead; told += kLivePiece) {
    CHECK(piece(preview.next(now)) == Piece(told, std::string(kLivePiece, 'h')));
  }
  CHECK(piece(preview.next(now + Millis(1000))) == Piece(kLiveHead, "12"));
  CHECK(preview.due() == Deadline::max());
}

}  // namespace
}  // namespace tango::autodriver
