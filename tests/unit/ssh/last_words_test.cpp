#include "vmms/ssh/last_words.hpp"

#include <doctest/doctest.h>

using tango::vmms::ssh::LastWords;

namespace {

std::string afterHearing(std::string_view bytes) {
  LastWords words;
  words.append(bytes);
  return words.text();
}

}  // namespace

TEST_CASE("what was written is one line of text whatever it was") {
  CHECK(afterHearing("").empty());
  CHECK(afterHearing(" \r\n\t\n").empty());
  CHECK(afterHearing("\r\nPermission denied\r\n  (publickey).\r\n") ==
        "Permission denied (publickey).");
  CHECK(afterHearing(std::string_view("a\0b\x1b[31m\x7f\xff", 10)) == "a b [31m \xef\xbf\xbd");
}

TEST_CASE("only the end is kept, however much was written") {
  LastWords words;
  for (int i = 0; i < 100'000; ++i) {
    words.append("one more line\n");
  }
  words.append(std::string(3, '.') + "the end");
  const std::string text = words.text();
  CHECK(text.size() <= LastWords::kBytesMax);
  CHECK(text.ends_with("...the end"));
  words.clear();
  CHECK(words.text().empty());
}
