// The bytes are those of Debian's python3-rpyc, whose brine and channel speak as those of RPyC 3.
#include <algorithm>
#include <array>

#include <doctest/doctest.h>
#include <zlib.h>

#include "base/hex.hpp"
#include "vmms/tashi/brine.hpp"
#include "vmms/tashi/frame.hpp"
#include "vmms/tashi/rpc_messages.hpp"

using namespace tango;
using namespace tango::vmms::tashi;

namespace {

std::string bytesOf(std::string_view digits) {
  std::string bytes;
  for (std::size_t at = 0; at + 1 < digits.size(); at += 2) {
    bytes.push_back(
        static_cast<char>(*base::hexDigit(digits[at]) << 4 | *base::hexDigit(digits[at + 1])));
  }
  return bytes;
}

std::array<unsigned char, kFrameHeadBytes> headOf(std::string_view frame) {
  std::array<unsigned char, kFrameHeadBytes> head{};
  std::copy_n(frame.begin(), head.size(), head.begin());
  return head;
}

std::string errorOf(const std::string& message, std::int64_t sequence) {
  const auto answer = readAnswer(message, sequence);
  return answer ? "it was read" : answer.error().message();
}

constexpr std::string_view kRootAnswer =
    "125251115412160f3134303733373335333935363034380e0e4d616e61676572536572766963650e"
    "1f74617368692e7270796373657276696365732e727079637365727669636573";
constexpr std::string_view kExceptionAnswer =
    "12535213110e0a657863657074696f6e730e0e4174747269627574654572726f72100e1252504320646f6573206e6f"
    "74206578697374020e0954726163656261636b";
// zlib of the answer to request 2 whose value is 2000 times "N.".
constexpr std::string_view kCompressed =
    "7801edd0410d00200800401a300d62143749685462f0b95d83db55eb6544fe7b3060c0800103060c183060c0800103"
    "06a6071a43b5cac4";

}  // namespace

TEST_CASE("requests are those of an RPyC client") {
  CHECK(rootRequest(1) == bytesOf("1251511153115102"));
  CHECK(callRequest(2, 140'737'353'956'048, "createVm", "abc.") ==
        bytesOf("1251521158115113160f3134303733373335333935363034380e08637265617465566d100d6162632e"
                "02"));
}

TEST_CASE("answers are read: the root object, a text, an exception") {
  const auto root = readAnswer(bytesOf(kRootAnswer), 1);
  REQUIRE(root);
  CHECK(*rootIdOf(*root) == 140'737'353'956'048);
  const auto text = readAnswer(
      bytesOf("125252") + bytesOf("1151") + bytesOf("0f0000012c") + std::string(300, 'p'), 2);
  REQUIRE(text);
  CHECK(*textOf(*text) == std::string(300, 'p'));
  const auto exception = readAnswer(bytesOf(kExceptionAnswer), 2);
  REQUIRE(exception);
  CHECK(exception->refused);
  CHECK(exception->words == "AttributeError: RPC does not exist");
}

TEST_CASE("what is no answer to the request is refused") {
  CHECK(errorOf(bytesOf(kRootAnswer), 2).find("another request") != std::string::npos);
  CHECK(errorOf(bytesOf("50"), 1).find("another request") != std::string::npos);
  CHECK(errorOf(bytesOf("12515151"), 1).find("neither a reply nor") != std::string::npos);
  CHECK(errorOf(bytesOf("12525150"), 1).find("neither a reply nor") != std::string::npos);
  const auto number = readAnswer(bytesOf("1252511151") + bytesOf("50"), 1);
  REQUIRE(number);
  CHECK_FALSE(textOf(*number));
  CHECK_FALSE(rootIdOf(*number));
  const auto odd = readAnswer(bytesOf("12535100"), 1);
  REQUIRE(odd);
  CHECK(odd->words == "an exception");
}

TEST_CASE("brine has numbers, texts, tuples, and what is left over of Python") {
  const auto read = readBrine(
      bytesOf("140c00030401022016032d3439ef1603313630183ff8000000000000080c75c3a90b6162"));
  REQUIRE(read);
  const BrineTuple& items = *read->tuple(12);
  CHECK(items[0].as<BrineNone>() != nullptr);
  CHECK(*items[1].as<bool>());
  CHECK_FALSE(*items[2].as<bool>());
  CHECK(items[3].as<std::string>()->empty());
  CHECK(items[4].as<BrineTuple>()->empty());
  CHECK(items[5].isNumber(-48));
  CHECK(items[6].isNumber(-49));
  CHECK(items[7].isNumber(159));
  CHECK(items[8].isNumber(160));
  CHECK(*items[9].as<double>() == 1.5);
  CHECK(*items[10].as<std::string>() == "u\xc3\xa9");
  CHECK(*items[11].as<std::string>() == "ab");
  CHECK(readBrine(bytesOf("09160431303030"))->isNumber(1000));
}

TEST_CASE("what is written in brine is read again as the same") {
  for (const std::int64_t number : {-1'000'000, -49, -48, 0, 159, 160, 1'000'000}) {
    CHECK(readBrine(brineNumber(number))->isNumber(number));
  }
  for (const std::size_t size : {0U, 1U, 4U, 5U, 255U, 256U, 70'000U}) {
    const std::string text(size, 'x');
    CHECK(*readBrine(brineText(text))->as<std::string>() == text);
  }
  for (const std::size_t size : {0U, 1U, 4U, 5U, 255U, 256U, 1'000U}) {
    const std::vector<std::string> items(size, brineNumber(1));
    CHECK(readBrine(brineTuple(items))->tuple(size) != nullptr);
  }
}

TEST_CASE("brine that is cut, hostile, or of an unknown kind is refused") {
  const std::string whole = bytesOf(kExceptionAnswer);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK_FALSE(readBrine(whole.substr(0, size)));
  }
  CHECK_FALSE(readBrine(whole + "x"));
  CHECK_FALSE(readBrine(bytesOf("15ffffffff")));
  CHECK_FALSE(readBrine(bytesOf("0fffffffff")));
  CHECK_FALSE(readBrine(bytesOf("15ffffffff") + std::string(1'000'000, '\x50')));
  CHECK_FALSE(readBrine(std::string(100'000, '\x10')));
  CHECK_FALSE(readBrine(std::string(100'000, '\x08')));
  CHECK_FALSE(readBrine(bytesOf("16143939393939393939393939393939393939393939")));
  CHECK_FALSE(readBrine(bytesOf("160178")));
  CHECK_FALSE(readBrine(bytesOf("1600")));
  CHECK_FALSE(readBrine(bytesOf("0850")));
  CHECK_FALSE(readBrine(bytesOf("0901")));
  for (const char* const kind : {"05", "06", "07", "19", "1a", "1b", "1c", "1f"}) {
    CHECK_FALSE(readBrine(bytesOf(kind)));
  }
}

TEST_CASE("a frame is a size, a flag, a message and a newline") {
  const std::string frame = frameOf("abc");
  CHECK(frame == std::string("\0\0\0\3\0abc\n", 9));
  const auto head = readFrameHead(headOf(frame));
  REQUIRE(head);
  CHECK(head->size == 3);
  CHECK(*messageOf(*head, frame.substr(kFrameHeadBytes)) == "abc");
  CHECK_FALSE(messageOf(*head, "abcd"));
}

TEST_CASE("a compressed message is inflated") {
  const std::string body = bytesOf(kCompressed);
  const FrameHead head{static_cast<std::uint32_t>(body.size()), true};
  const auto message = messageOf(head, body + "\n");
  REQUIRE(message);
  const auto answer = readAnswer(*message, 2);
  REQUIRE(answer);
  CHECK(textOf(*answer)->size() == 4'000);
}

TEST_CASE("what zlib did not make, or made of too much, is refused") {
  const std::string body = bytesOf(kCompressed);
  const auto refused = [](const std::string& bytes) {
    return !messageOf({static_cast<std::uint32_t>(bytes.size()), true}, bytes + "\n");
  };
  CHECK(refused(""));
  CHECK(refused("x"));
  CHECK(refused(body.substr(0, body.size() / 2)));
  CHECK(refused(body + "x"));
  const std::string zeros(kMessageBytesMax + 1, '\0');
  std::string bomb(zeros.size() / 100, '\0');
  uLongf size = bomb.size();
  REQUIRE(::compress(reinterpret_cast<Bytef*>(bomb.data()), &size,
                     reinterpret_cast<const Bytef*>(zeros.data()), zeros.size()) == Z_OK);
  bomb.resize(size);
  CHECK(refused(bomb));
}

TEST_CASE("a head that is no frame's, or of one that is too large, is refused") {
  CHECK_FALSE(readFrameHead(headOf("HTTP/")));
  CHECK_FALSE(readFrameHead({0xff, 0xff, 0xff, 0xff, 0}));
  CHECK_FALSE(readFrameHead({1, 0, 0, 1, 0}));
  CHECK(readFrameHead({1, 0, 0, 0, 1}));
  CHECK_FALSE(readFrameHead({0, 0, 0, 1, 2}));
}
