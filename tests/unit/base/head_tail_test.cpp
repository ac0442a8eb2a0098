#include "base/head_tail.hpp"

#include <cstdint>
#include <random>
#include <string>

#include <doctest/doctest.h>

namespace tango::base {
namespace {

// What the class promises, said in the simplest way: from the whole stream.
std::string expected(const std::string& all, std::size_t bytes_max) {
  if (bytes_max == 0 || all.size() <= bytes_max) {
    return all;
  }
  const std::size_t half = bytes_max / 2;
  return all.substr(0, half) + std::string(HeadTail::kElided) + all.substr(all.size() - half);
}

TEST_CASE("what fits is kept byte for byte") {
  HeadTail kept(8);
  kept.append("12345678");
  CHECK(!kept.elided());
  CHECK(kept.text() == "12345678");
}

TEST_CASE("one byte over the limit elides the middle") {
  HeadTail kept(8);
  kept.append("123456789");
  CHECK(kept.elided());
  CHECK(kept.text() == "1234\n...[excess bytes elided]...\n6789");
}

TEST_CASE("a limit of 0 keeps everything") {
  HeadTail kept(0);
  kept.append(std::string(100'000, 'x'));
  CHECK(kept.text().size() == 100'000);
}

TEST_CASE("any cutting of any stream into pieces gives the same text") {
  std::minstd_rand random(1);
  for (int round = 0; round < 2'000; ++round) {
    const std::size_t bytes_max = random() % 20;
    HeadTail kept(bytes_max);
    std::string all;
    const int pieces = static_cast<int>(random() % 8);
    for (int i = 0; i < pieces; ++i) {
      std::string piece(random() % 30, ' ');
      for (char& c : piece) {
        c = static_cast<char>('a' + random() % 26);
      }
      kept.append(piece);
      all += piece;
    }
    CAPTURE(all);
    CAPTURE(bytes_max);
    REQUIRE(kept.text() == expected(all, bytes_max));
    REQUIRE(kept.total() == all.size());
  }
}

}  // namespace
}  // namespace tango::base
